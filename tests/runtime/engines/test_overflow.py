"""An FP16 graph whose sum is beyond half and whose answer is not: which node, on which frames."""

import numpy as np
import pytest
from cards import bare_model
from onnx import TensorProto, helper, numpy_helper

from catseye.runtime.engines.overflow import overflowing_nodes


def summed(pixels=TensorProto.UINT8, half=TensorProto.FLOAT16):
    """x (1, 4) -> x * 200 + x * 200 -> / 512: 400 times 255 is beyond 65504, and its 512th part is
    199.2."""
    nodes = [
        helper.make_node("Cast", ["x"], ["h"], "to_half", to=half),
        helper.make_node("Mul", ["h", "by"], ["large"], "times"),
        helper.make_node("Add", ["large", "large"], ["sum"], "sum"),
        helper.make_node("Mul", ["sum", "part"], ["small"], "part"),
        helper.make_node("Cast", ["small"], ["y"], "to_float", to=TensorProto.FLOAT),
    ]
    dtype = helper.tensor_dtype_to_np_dtype(half)
    weights = [("by", 200), ("part", 1 / 512)]
    graph = helper.make_graph(
        nodes,
        "summed",
        [helper.make_tensor_value_info("x", pixels, [1, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4])],
        [numpy_helper.from_array(np.array(value, dtype), name) for name, value in weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=7)
    return bare_model(model.SerializeToString())


def frames(*values):
    return [{"x": np.full((1, 4), value, np.uint8)} for value in values]


def names(nodes):
    return [node.name for node in nodes]


def test_the_node_is_named():
    assert names(overflowing_nodes(summed(), frames(10, 255)))[0] == "sum"


def test_one_bright_pixel_is_enough():
    frame = {"x": np.array([[0, 0, 0, 255]], np.uint8)}
    assert names(overflowing_nodes(summed(), [frame]))[0] == "sum"


def test_dark_frames_do_not_overflow():
    assert overflowing_nodes(summed(), frames(0, 100)) == []


@pytest.mark.parametrize("given", [frames(255), []])
def test_float_has_room(given):
    assert overflowing_nodes(summed(half=TensorProto.FLOAT), given) == []


def test_a_border_wider_than_the_frames():
    """As of a file for JetPack 4, whose graph takes float32."""
    assert names(overflowing_nodes(summed(TensorProto.FLOAT), frames(255)))[0] == "sum"
