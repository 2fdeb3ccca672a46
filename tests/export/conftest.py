"""Models for the tests of precision: one network small enough to quantise in a moment, and frames
it was made for."""

import numpy as np
import onnx
import pytest

from catseye.export.precision.int8 import OPSET
from catseye.export.precision.onnx_graph import at_opset
from catseye.runtime.street import Street


@pytest.fixture(scope="session")
def frames():
    """Six streets of the small model's size, as its inputs."""
    return [{"frame": Street(seed, size_wh=(70, 50)).render(seed)[0][None]} for seed in range(6)]


@pytest.fixture(scope="session")
def float_graph(small_model):
    """The small road network at opset 11."""
    return onnx.load(str(small_model))


@pytest.fixture(scope="session")
def loud_graph(float_graph):
    """The small road network with the same answers, by way of what half cannot hold: its first
    sums by 2^16, and back in as many steps."""
    model = onnx.ModelProto()
    model.CopyFrom(float_graph)
    relu = next(node for node in model.graph.node if node.op_type == "Relu")
    answer, relu.output[0] = relu.output[0], "quiet"
    steps = ("quiet", "louder", "loudest", "softer", answer)
    factors = {"up": np.float32(256), "down": np.float32(1 / 256)}
    model.graph.initializer.extend(
        onnx.numpy_helper.from_array(np.array(value), name) for name, value in factors.items()
    )
    place = list(model.graph.node).index(relu) + 1
    for step, factor in enumerate(("up", "up", "down", "down")):
        read, written = steps[step : step + 2]
        node = onnx.helper.make_node("Mul", [read, factor], [written], "mul_" + str(step))
        model.graph.node.insert(place + step, node)
    return model


@pytest.fixture(scope="session")
def float_graph_13(float_graph):
    return at_opset(float_graph, OPSET)


@pytest.fixture(scope="session")
def black_frames():
    return [{"frame": np.zeros((1, 50, 70, 3), np.uint8)}] * 4
