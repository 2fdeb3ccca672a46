"""FP16 graphs: half inside, camera bytes at the border, and layers that would overflow found and
kept."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from catseye.export.precision.activations import float_tensors
from catseye.export.precision.fp16 import halved, overflowing_layers
from catseye.export.precision.onnx_graph import answers, demand_loads

RANDOM = np.random.RandomState(1)
SMALL, LARGE = (
    RANDOM.randn(4, 4, 1, 1).astype(np.float32),
    3e5 * RANDOM.rand(4, 4, 1, 1).astype(np.float32),
)


@pytest.fixture(scope="module")
def overflowing():
    """x -> conv -> conv by 3e5 -> relu -> conv by 1e-6 -> y: in half the middle would be
    infinite."""
    nodes = [
        helper.make_node("Conv", ["x", "a"], ["first"], "first"),
        helper.make_node("Conv", ["first", "b"], ["huge"], "huge"),
        helper.make_node("Relu", ["huge"], ["cut"], "cut"),
        helper.make_node("Conv", ["cut", "c"], ["tamed"], "tamed"),
        helper.make_node("Conv", ["tamed", "a"], ["y"], "last"),
    ]
    tensors = {"a": SMALL, "b": LARGE, "c": LARGE * np.float32(1e-11)}
    border = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4, 5, 5]) for name in ("x", "y")
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        border[:1],
        border[1:],
        [numpy_helper.from_array(value, name) for name, value in tensors.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=7)


@pytest.fixture(scope="module")
def inputs():
    return [{"x": RANDOM.randn(1, 4, 5, 5).astype(np.float32)} for _ in range(3)]


def types_inside(model: onnx.ModelProto) -> dict[str, int]:
    return {name: kind for name, kind in float_tensors(model).items()}


def test_all_is_half_but_the_border(float_graph, frames):
    model = halved(float_graph)
    demand_loads(model)
    assert (
        model.graph.input == float_graph.graph.input
        and model.graph.output == float_graph.graph.output
    )
    kinds = types_inside(model)
    casts = {name for node in model.graph.node if node.op_type == "Cast" for name in node.output}
    assert all(kind == TensorProto.FLOAT16 for name, kind in kinds.items() if name not in casts)
    assert {t.data_type for t in model.graph.initializer if len(t.dims) == 4} == {
        TensorProto.FLOAT16
    }
    # onnxruntime refuses a region in half on Arm cores that compute in half, an empty one too
    resize = next(node for node in model.graph.node if node.op_type == "Resize")
    types = {tensor.name: tensor.data_type for tensor in model.graph.initializer}
    assert [types[name] for name in resize.input[1:] if name] == [TensorProto.FLOAT] * 2
    want, got = answers(float_graph, frames), answers(model, frames)
    assert np.mean([np.mean(a["mask"] == b["mask"]) for a, b in zip(want, got)]) > 0.99


def test_layers_that_overflow_are_found(overflowing, inputs):
    assert overflowing_layers(overflowing, inputs) == ["huge", "cut", "tamed"]


def test_and_kept_in_fp32(overflowing, inputs):
    kept = overflowing_layers(overflowing, inputs)
    model = halved(overflowing, kept)
    demand_loads(model)
    kinds = types_inside(model)
    assert (
        kinds["huge"] == kinds["cut"] == TensorProto.FLOAT and kinds["first"] == TensorProto.FLOAT16
    )
    assert (
        max(
            np.abs(numpy_helper.to_array(t)).max()
            for t in model.graph.initializer
            if t.data_type == TensorProto.FLOAT16
        )
        < 65504
    )
    for want, got in zip(answers(overflowing, inputs), answers(model, inputs)):
        assert np.isfinite(got["y"]).all()
        assert np.abs(got["y"] - want["y"]).max() < 0.02 * np.abs(want["y"]).max()
    assert not np.isfinite(
        numpy_helper.to_array(
            next(t for t in halved(overflowing).graph.initializer if t.name == "b_half")
        )
    ).all()


def test_an_output_that_is_read_inside_too(inputs):
    """As the sparse coder's code: float for the caller, half for the layer that goes on with it."""
    nodes = [
        helper.make_node("Conv", ["x", "a"], ["code"], "one"),
        helper.make_node("Relu", ["code"], ["y"], "two"),
    ]
    border = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4, 5, 5])
        for name in ("x", "code", "y")
    ]
    graph = helper.make_graph(
        nodes, "g", border[:1], border[1:], [numpy_helper.from_array(SMALL, "a")]
    )
    model = halved(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=7)
    )
    demand_loads(model)
    for got in answers(model, inputs):
        assert got["code"].dtype == np.float32 and np.array_equal(
            got["y"], np.maximum(got["code"], 0)
        )
