"""What each board's parser is said to take, on the shipped models and on graphs made to be
refused."""

import numpy as np
import onnx
import pytest
from graph_of import FLOAT, INT64, UINT8, graph_of
from onnx import TensorProto, helper

from catseye.export.precision.fp16 import halved
from catseye.export.precision.onnx_graph import answers, demand_loads
from catseye.export.targets.boards import ANY, BOARDS, objections, with_wide_border
from catseye.runtime.model_file.card import TARGETS
from catseye.runtime.model_file.load import load_model, zoo_names


@pytest.mark.parametrize("target", BOARDS)
@pytest.mark.parametrize("name", zoo_names())
def test_the_shipped_models_are_for_every_target(name, target):
    model = onnx.load_from_string(load_model(name).data)
    if not BOARDS[target].takes_bytes:
        assert any("no uint8" in line for line in objections(model, target))
        model = with_wide_border(model)
    assert objections(model, target) == []
    assert objections(halved(model), target) == []


def test_a_wide_border_gives_the_same_answers(float_graph, frames):
    wide = with_wide_border(float_graph)
    demand_loads(wide)
    assert [
        value.type.tensor_type.elem_type for value in (*wide.graph.input, *wide.graph.output)
    ] == [FLOAT, TensorProto.INT32, TensorProto.INT32]
    widened = [{"frame": frame["frame"].astype(np.float32)} for frame in frames]
    for want, got in zip(answers(float_graph, frames), answers(wide, widened)):
        assert got["mask"].dtype == np.int32 and np.array_equal(got["mask"], want["mask"])


def test_what_jetpack_4_cannot_read_is_refused_by_name():
    grid = graph_of(
        [helper.make_node("GridSample", ["x", "g"], ["y"], "grid")],
        {"g": np.zeros((1, 3, 3, 2), np.float32)},
        opset=16,
    )
    assert [line for line in objections(grid, "jp4") if "GridSample grid: " in line]
    assert objections(grid, "jp5") == []


def test_a_board_for_every_target_of_a_card():
    assert (ANY, *BOARDS) == TARGETS


def test_what_one_release_of_a_jetpack_lacks_is_refused_and_not_counted_on():
    window = graph_of(
        [
            helper.make_node("HannWindow", ["n"], ["w"], "window"),
            helper.make_node("Mul", ["x", "w"], ["y"]),
        ],
        {"n": np.int64(6)},
        opset=17,
    )
    assert objections(window, "jp6") == [
        "HannWindow window: TensorRT 8.6 has no such operator"
    ]  # nor has 10.3: said once
    assert objections(window, "jp7") == []
    rotary = graph_of([helper.make_node("Attention", ["x"] * 3, ["y"], "one")], opset=22)
    assert objections(rotary, "jp7") == ["Attention one: TensorRT 10.13 has no such operator"]
    assert "Attention" not in BOARDS["jp7"].operators and "STFT" in BOARDS["jp7"].operators


def test_each_board_has_a_highest_opset():
    assert [board.opset for board in BOARDS.values()] == [13, 17, 17, 22]
    model = graph_of([helper.make_node("Relu", ["x"], ["y"], "relu")], opset=18)
    assert [target for target in BOARDS if objections(model, target) == []] == ["jp7"]
    assert "opset 18" in objections(model, "jp6")[0]


def test_bytes_at_the_border_came_with_jetpack_5():
    cast = helper.make_node("Cast", ["x"], ["y"], "cast", to=FLOAT)
    model = graph_of([cast], kind=UINT8, out=FLOAT)
    assert objections(model, "jp5") == []
    assert any("input x: TensorRT 8.2 has no uint8" in line for line in objections(model, "jp4"))


def test_weights_of_64_bits_are_read_from_jetpack_7_on():
    nodes = [
        helper.make_node("Cast", ["x"], ["i"], "cast", to=INT64),
        helper.make_node("Add", ["i", "big"], ["y"], "add"),
    ]
    model = graph_of(nodes, {"big": np.int64([2**40])}, out=INT64)
    assert any("weight big: INT64 beyond INT32" in line for line in objections(model, "jp4"))
    assert objections(model, "jp7") == []


def test_uint8_is_cast_from_and_to_floats_only():
    inside = graph_of(
        [
            helper.make_node("Cast", ["x"], ["i"], "one", to=TensorProto.INT32),
            helper.make_node("Cast", ["i"], ["y"], "two", to=UINT8),
        ],
        kind=UINT8,
    )
    assert [line.split(":")[0] for line in objections(inside, "jp5")] == ["input x", "output y"]
