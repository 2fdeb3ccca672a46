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
def float_graph_13(float_graph):
    return at_opset(float_graph, OPSET)


@pytest.fixture(scope="session")
def black_frames():
    return [{"frame": np.zeros((1, 50, 70, 3), np.uint8)}] * 4
