"""What each board's parser is said to take, on the shipped models and on graphs made to be
refused."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from catseye.export.precision.fp16 import halved
from catseye.export.precision.onnx_graph import answers, demand_loads
from catseye.export.targets.boards import TARGETS, objections, with_wide_border
from catseye.export.targets.parser_table import RELEASES, types_by_operator
from catseye.runtime.model_file.load import load_model, zoo_names

FLOAT, INT8, INT64, UINT8 = (
    TensorProto.FLOAT,
    TensorProto.INT8,
    TensorProto.INT64,
    TensorProto.UINT8,
)


def graph_of(nodes, weights=(), opset=13, shape=(1, 4, 6, 6), kind=FLOAT, out=None):
    """x -> nodes -> y, with weights given by name."""
    initializers = [numpy_helper.from_array(value, name) for name, value in dict(weights).items()]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info("y", out or kind, None)],
        initializers,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", zoo_names())
def test_the_shipped_models_are_for_every_target(name, target):
    model = onnx.load_from_string(load_model(name).data)
    if not TARGETS[target].takes_bytes:
        assert any("no uint8" in line for line in objections(model, target))
        model = with_wide_border(model)
    assert objections(model, target) == []
    assert objections(halved(model), target) == []


def test_a_wide_border_gives_the_same_answers(float_graph, frames):
    wide = with_wide_border(float_graph)
    demand_loads(wide)
    assert [
        value.type.tensor_type.elem_type for value in (*wide.graph.input, *wide.graph.output)
    ] == [FLOAT, TensorProto.INT32]
    widened = [{"frame": frame["frame"].astype(np.float32)} for frame in frames]
    for want, got in zip(answers(float_graph, frames), answers(wide, widened)):
        assert got["mask"].dtype == np.int32 and np.array_equal(got["mask"], want["mask"])


def refusals():
    ones, grid = np.ones((4, 4, 1, 1), np.float32), np.zeros((1, 3, 3, 2), np.float32)
    node = helper.make_node
    pair = [
        node("QuantizeLinear", ["x", "s", "z"], ["q"], "quantise"),
        node("DequantizeLinear", ["q", "s", "z"], ["y"], "dequantise"),
    ]
    scales = {"s": np.full(4, 0.1, np.float32), "z": np.zeros(4, np.int8)}
    one_scale = {"s": np.float32(0.1), "z": np.int8(0)}
    scalar_pair = [
        node("QuantizeLinear", ["x", "s", "z"], ["q"], "quantise"),
        node("DequantizeLinear", ["q", "s", "z"], ["y"], "dequantise"),
    ]
    resize = dict(mode="cubic", coordinate_transformation_mode="half_pixel")
    return {
        "GridSample grid": graph_of(
            [node("GridSample", ["x", "g"], ["y"], "grid")], {"g": grid}, opset=16
        ),
        "Einsum sum": graph_of([node("Einsum", ["x"], ["y"], "sum", equation="...ij->...ji")]),
        "opset 18": graph_of([node("Relu", ["x"], ["y"], "relu")], opset=18),
        "input x: TensorRT 8.2 has no uint8": graph_of(
            [node("Cast", ["x"], ["y"], "cast", to=FLOAT)], kind=UINT8, out=FLOAT
        ),
        "scale per channel needs opset 13": graph_of(pair, scales, opset=12),
        "zero point must be 0": graph_of(scalar_pair, {**one_scale, "z": np.int8(3)}),
        "only INT8, and this is UINT8": graph_of(scalar_pair, {**one_scale, "z": np.uint8(0)}),
        "every scale must be above 0": graph_of(scalar_pair, {**one_scale, "s": np.float32(0)}),
        "mode cubic is none of": graph_of(
            [node("Resize", ["x", "", "f"], ["y"], "up", **resize)], {"f": np.float32([1, 1, 2, 2])}
        ),
        "Conv conv: its weight must be a constant": graph_of(
            [node("Mul", ["w", "w"], ["ww"], "square"), node("Conv", ["x", "ww"], ["y"], "conv")],
            {"w": ones},
        ),
        "its output of indices": graph_of(
            [node("MaxPool", ["x"], ["y", "at"], "pool", kernel_shape=[2, 2])]
        ),
        "input 3, a, must be an initializer": graph_of(
            [
                node("Constant", [], ["a"], "c", value=numpy_helper.from_array(np.int64([2]), "v")),
                node("Slice", ["x", "b", "e", "a"], ["y"], "cut"),
            ],
            {"b": np.int64([0]), "e": np.int64([3])},
        ),
        "weight big: INT64 beyond INT32": graph_of(
            [node("Cast", ["x"], ["i"], "cast", to=INT64), node("Add", ["i", "big"], ["y"], "add")],
            {"big": np.int64([2**40])},
            out=INT64,
        ),
        "ArgMax best: TensorRT 8.2 does not take INT32": graph_of(
            [node("ArgMax", ["x"], ["y"], "best", axis=1)], kind=TensorProto.INT32, out=INT64
        ),
    }


@pytest.mark.parametrize("words", refusals())
def test_what_jetpack_4_cannot_read_is_refused_by_name(words):
    found = objections(refusals()[words], "jp4")
    assert any(words in line for line in found), found


def test_later_boards_read_more():
    graphs = refusals()
    assert objections(graphs["GridSample grid"], "jp5") == []
    assert objections(graphs["Einsum sum"], "jp7") == []
    assert objections(graphs["opset 18"], "jp7") == [] and objections(graphs["opset 18"], "jp6")
    assert objections(graphs["input x: TensorRT 8.2 has no uint8"], "jp5") == []
    assert objections(graphs["weight big: INT64 beyond INT32"], "jp7") == []


def test_uint8_is_cast_from_and_to_floats_only():
    inside = graph_of(
        [
            helper.make_node("Cast", ["x"], ["i"], "one", to=TensorProto.INT32),
            helper.make_node("Cast", ["i"], ["y"], "two", to=UINT8),
        ],
        kind=UINT8,
    )
    assert [line.split(":")[0] for line in objections(inside, "jp5")] == ["input x", "output y"]


def test_the_end_of_a_slice_may_be_beyond_all():
    weights = {"b": np.int64([0]), "e": np.int64([2**62]), "a": np.int64([2])}
    assert (
        objections(
            graph_of([helper.make_node("Slice", ["x", "b", "e", "a"], ["y"], "cut")], weights),
            "jp4",
        )
        == []
    )


def test_the_table_of_operators():
    """Some facts of operators.md by hand, and that no release loses an operator of the one
    before."""
    tables = [types_by_operator(release) for release in RELEASES]
    assert "GridSample" not in tables[0] and "GridSample" in tables[1]
    assert "i" not in tables[0]["ArgMax"] and "i" in tables[2]["ArgMax"]
    assert "u" in tables[3]["Cast"] and tables[0]["DequantizeLinear"] == "q"
    for earlier, later in zip(tables, tables[1:]):
        assert len(earlier) > 100 and set(earlier) - set(later) <= {"Scatter"}
