"""Weights in another file are found wherever a graph can hold a tensor."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tiny_model import tiny_onnx

from catseye.runtime.model_file.external_data import DEEPEST, external_tensor
from catseye.runtime.model_file.load import onnx_path, zoo_names
from catseye.runtime.model_file.onnx_file import read_onnx_file


def found(model):
    return external_tensor(read_onnx_file(model.SerializeToString(), "some"))


def model_of(*nodes, **more):
    return helper.make_model(helper.make_graph(nodes, "some", [], [], **more))


def weight(name="outside"):
    tensor = numpy_helper.from_array(np.ones(4, np.float32), name)
    onnx.external_data_helper.set_external_data(tensor, "weights.bin")
    tensor.ClearField("raw_data")
    return tensor


def branch(tensor):
    constant = helper.make_node("Constant", [], ["y"], value=tensor)
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, [4])
    return helper.make_graph([constant], "branch", [], [result])


def test_a_weight():
    assert found(model_of(initializer=[weight()])) == "outside"


def test_either_mark_is_enough():
    without_place, without_mark = weight("place"), weight("mark")
    del without_place.external_data[:]
    without_mark.data_location = TensorProto.DEFAULT
    assert found(model_of(initializer=[without_place])) == "place"
    assert found(model_of(initializer=[without_mark])) == "mark"


def test_an_attribute():
    assert found(model_of(helper.make_node("Constant", [], ["y"], value=weight()))) == "outside"


def test_a_graph_within_a_node():
    choice = helper.make_node("If", ["x"], ["y"], then_branch=branch(weight()))
    assert found(model_of(choice)) == "outside"


def test_a_sparse_weight():
    sparse = helper.make_sparse_tensor(weight(), numpy_helper.from_array(np.arange(4)), [9])
    assert found(model_of(sparse_initializer=[sparse])) == "outside"


def test_a_function():
    model = model_of()
    constant = helper.make_node("Constant", [], ["y"], value=weight())
    model.functions.append(helper.make_function("house", "Own", [], ["y"], [constant], []))
    assert found(model) == "outside"


@pytest.mark.parametrize("name", zoo_names())
def test_shipped_models_hold_all_of_themselves(name):
    with open(onnx_path(name), "rb") as stream:
        assert external_tensor(read_onnx_file(stream.read(), name)) is None


def test_graphs_within_graphs_end_somewhere():
    node = helper.make_node("Identity", ["x"], ["y"])
    for _ in range(DEEPEST):
        graph = helper.make_graph([node], "inner", [], [])
        node = helper.make_node("If", ["x"], ["y"], then_branch=graph)
    with pytest.raises(ValueError, match="too many"):
        found(model_of(node))


def test_a_number_where_a_message_belongs():
    model = onnx.load_from_string(tiny_onnx())
    graph = model.graph.SerializeToString() + b"\x28\x01"  # a weight that is the number 1
    data = b"\x3a" + varint(len(graph)) + graph
    with pytest.raises(ValueError, match="number"):
        external_tensor(read_onnx_file(data, "some"))


def varint(size):
    digits = bytearray()
    while size >= 0x80:
        digits.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes(digits) + bytes([size])
