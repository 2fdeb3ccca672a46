"""Graphs of a few nodes, made to be read by a parser's rules."""

from onnx import TensorProto, helper, numpy_helper

FLOAT, INT8, INT32, INT64, UINT8 = (
    TensorProto.FLOAT,
    TensorProto.INT8,
    TensorProto.INT32,
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
