"""Mixed graphs: layers put back to float in a lowered graph, and what that does to its answers."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from catseye.export.bisection.layer_errors import last_float_tensor, layer_errors, sqnr_db
from catseye.export.bisection.layer_picture import picture_of_errors
from catseye.export.bisection.mixing import Lowered
from catseye.export.precision.fp16 import halved
from catseye.export.precision.onnx_graph import answers, demand_loads
from catseye.runtime.errors import CatseyeError

SPOILED = "/fuse_half/fuse_half.0/Conv"


@pytest.fixture(scope="module", params=["any", "jp5"])
def int8(request, int8_for):
    return int8_for(request.param)


@pytest.fixture(scope="module")
def spoiled(int8, spoil):
    return spoil(int8)


def test_every_layer_restored_is_the_float_graph(int8, float_graph, frames):
    lowered = Lowered(int8, float_graph, "int8")
    mixed = lowered.mixed(lowered.layers)
    demand_loads(mixed)
    assert not any(
        "Quantize" in node.op_type or "Dequantize" in node.op_type for node in mixed.graph.node
    )
    for want, got in zip(answers(float_graph, frames), answers(mixed, frames)):
        assert np.array_equal(want["mask"], got["mask"])


def test_one_layer_restored_leaves_the_others_as_they_are(int8, float_graph):
    lowered = Lowered(int8, float_graph, "int8")
    mixed = lowered.mixed([SPOILED])
    demand_loads(mixed)
    assert Lowered(mixed, float_graph, "int8").layers == [
        name for name in lowered.layers if name != SPOILED
    ]


def test_the_spoiled_layer_shows_in_its_error_and_is_cured_by_restoring_it(
    spoiled, int8, float_graph, frames
):
    lowered = Lowered(spoiled, float_graph, "int8")
    errors = {
        each.layer: each for each in layer_errors(spoiled, lowered.source, lowered.layers, frames)
    }
    assert errors[SPOILED].input_db - errors[SPOILED].output_db > 15
    answer = last_float_tensor(lowered.source)
    quality = {
        name: sqnr_db(model, lowered.source, [answer], frames)[answer]
        for name, model in (
            ("sound", int8),
            ("spoiled", spoiled),
            ("cured", lowered.mixed([SPOILED])),
            ("not cured", lowered.mixed([name for name in lowered.layers if name != SPOILED])),
        )
    }
    assert quality["cured"] > quality["sound"] - 3
    assert (
        quality["spoiled"] < quality["cured"] - 10 and quality["not cured"] < quality["cured"] - 10
    )


def test_fp16_keeps_named_layers_in_fp32(float_graph, frames):
    lowered = Lowered(halved(float_graph), float_graph, "fp16")
    mixed = lowered.mixed(lowered.layers[:3])
    demand_loads(mixed)
    kinds = [t.data_type for t in mixed.graph.initializer if len(t.dims) == 4]
    assert 0 < kinds.count(TensorProto.FLOAT) <= 3 and kinds.count(TensorProto.FLOAT16) > 5
    assert Lowered(mixed, float_graph, "fp16").layers == lowered.layers[3:]
    assert [node.name for node in mixed.graph.node if node.name in lowered.layers] == lowered.layers


def test_two_networks_are_not_mixed(int8):
    other = onnx.helper.make_model(
        onnx.helper.make_graph(
            [onnx.helper.make_node("Relu", ["x"], ["y"], "other")],
            "g",
            [onnx.helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])],
            [onnx.helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])],
        ),
        opset_imports=[onnx.helper.make_opsetid("", 11)],
        ir_version=7,
    )
    with pytest.raises(CatseyeError, match="without a layer in common"):
        Lowered(int8, other, "int8")


def test_the_picture_has_a_row_for_each_layer_and_marks_those_in_float(
    spoiled, float_graph, frames
):
    lowered = Lowered(spoiled, float_graph, "int8")
    before, after = (
        layer_errors(graph, lowered.source, lowered.layers, frames[:1])
        for graph in (spoiled, lowered.mixed([SPOILED]))
    )
    plain = picture_of_errors("title", before, after, [])
    marked = picture_of_errors("title", before, after, [SPOILED])
    row = lowered.layers.index(SPOILED)
    changed = np.flatnonzero((plain != marked).any((1, 2)))
    rows = [y for y in changed if y > 58]
    assert min(rows) == 58 + 18 * row and max(rows) == 58 + 18 * row + 17
