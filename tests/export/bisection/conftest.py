"""The small network in INT8, as it should be and with one layer spoiled."""

import onnx
import pytest
from onnx import numpy_helper

from catseye.export.precision.activations import float_tensors
from catseye.export.precision.int8 import quantised
from catseye.export.precision.ranges import histograms, ranges_by


@pytest.fixture(scope="module")
def int8_for(float_graph_13, frames):
    """target -> the graph in INT8."""
    seen = histograms(float_graph_13, frames, list(float_tensors(float_graph_13)))
    return lambda target: quantised(
        float_graph_13, ranges_by("minmax", seen, target != "any"), target
    )


@pytest.fixture(scope="module")
def spoiled_layer():
    return "/fuse_half/fuse_half.0/Conv"


@pytest.fixture(scope="module")
def spoil(spoiled_layer):
    """graph -> the same with the weight of one layer ruined."""

    def ruined(int8):
        model = onnx.ModelProto()
        model.CopyFrom(int8)
        node = next(node for node in model.graph.node if node.name == spoiled_layer)
        dequantise = next(each for each in model.graph.node if node.input[1] in each.output)
        tensor = next(t for t in model.graph.initializer if t.name == dequantise.input[0])
        values = numpy_helper.to_array(tensor).copy()
        values[:] = 127
        tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
        return model

    return ruined
