"""Nodes read, and tensors between made outputs, without the onnx package."""

import numpy as np
import onnx
import onnxruntime
import pytest
from tiny_model import FRAME, tiny_onnx, tiny_scores

from catseye.runtime.errors import ModelFileError
from catseye.runtime.model_file.inner_tensors import Node, read_nodes, with_outputs


def test_nodes_are_those_that_onnx_sees():
    graph = onnx.load_from_string(tiny_onnx()).graph
    assert read_nodes(tiny_onnx()) == [
        Node(node.name, node.op_type, tuple(node.output)) for node in graph.node
    ]
    assert str(read_nodes(tiny_onnx())[2]) == "Conv conv"


def test_a_node_without_a_name_is_called_by_what_it_writes():
    model = onnx.load_from_string(tiny_onnx())
    model.graph.node[2].name = ""
    assert str(read_nodes(model.SerializeToString())[2]) == "Conv that writes scores"


def test_tensors_between_come_out():
    long_name = "n" * 300  # whose length takes two bytes
    model = onnx.load_from_string(tiny_onnx())
    model.graph.node[0].output[0] = model.graph.node[1].input[0] = long_name
    data = with_outputs(model.SerializeToString(), ["planes", long_name])
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    assert names == ["mask", "scores", "planes", long_name]
    planes, pixels, scores = session.run(["planes", long_name, "scores"], {"frame": FRAME})
    np.testing.assert_array_equal(pixels, FRAME.astype(np.float32))
    np.testing.assert_array_equal(planes, FRAME.transpose(0, 3, 1, 2).astype(np.float32))
    np.testing.assert_allclose(scores, tiny_scores(FRAME), rtol=1e-4, atol=1e-3)


def test_what_is_no_onnx_file():
    with pytest.raises(ModelFileError, match="no ONNX file"):
        read_nodes(b"\xff")
