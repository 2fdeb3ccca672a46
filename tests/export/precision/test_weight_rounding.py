"""The steps of weights, and the biases that make up for what rounding to them adds."""

import numpy as np
import pytest
from chain import frames_of, inverted_block
from onnx import helper, numpy_helper

from catseye.export.precision.activations import activations, channel_statistics
from catseye.export.precision.int8 import quantisable_layers, quantised
from catseye.export.precision.onnx_graph import weights
from catseye.export.precision.weight_rounding import (
    LARGEST,
    correct_biases,
    output_axis,
    weight_scales,
)


@pytest.fixture
def model():
    return inverted_block()


def layers_of(model):
    return [node.name for node in model.graph.node if node.op_type == "Conv"]


def array_of(model, name):
    return numpy_helper.to_array(weights(model)[name])


def test_a_step_is_the_largest_weight_of_its_row(model):
    scales = weight_scales(model, layers_of(model), neighbours_fit=False)
    weight = array_of(model, "widen.weight")
    assert np.allclose(scales["widen.weight"], np.abs(weight).max((1, 2, 3)) / LARGEST)


def test_neighbours_of_one_sign_fit_into_sixteen_bits(model):
    scales = weight_scales(model, layers_of(model), neighbours_fit=True)
    for name in ("first.weight", "back.weight", "y.weight"):
        steps = np.round(array_of(model, name) / scales[name].reshape(-1, 1, 1, 1))
        rows = steps.transpose(0, 2, 3, 1).reshape(len(steps), -1)  # channels innermost
        rows = np.pad(rows, ((0, 0), (0, rows.shape[1] % 2)))
        for sign in (1, -1):
            assert 255 * np.maximum(sign * rows, 0).reshape(-1, 2).sum(1).max() <= 32767


def test_a_row_of_zeros_has_a_step(model):
    tensor = weights(model)["back.weight"]
    zeros = np.zeros_like(numpy_helper.to_array(tensor))
    tensor.CopyFrom(numpy_helper.from_array(zeros, "back.weight"))
    scales = weight_scales(model, layers_of(model), neighbours_fit=True)["back.weight"]
    assert (scales > 0).all()


@pytest.mark.parametrize("kind, axis", [("Conv", 0), ("Gemm", 1), ("MatMul", 1), ("Add", None)])
def test_the_axis_of_output_channels(kind, axis):
    assert output_axis(helper.make_node(kind, ["x", "w"], ["y"])) == axis
    if kind == "Gemm":
        assert output_axis(helper.make_node(kind, ["x", "w"], ["y"], transB=1)) == 0


@pytest.mark.parametrize("target", ["any", "jp5"])
def test_the_mean_of_what_a_layer_writes_stays(model, target):
    frames, read = frames_of(), ["b", "d", "e"]
    means = {name: s.mean for name, s in channel_statistics(model, frames, read).items()}
    wide = {name: (-600.0, 600.0) for name in "abcdef"}
    names = [node.output[0] for node in model.graph.node if node.op_type == "Conv"]
    wide.update(dict.fromkeys(names, (-600.0, 600.0)))
    scales = weight_scales(model, quantisable_layers(model, target), target == "any")
    rounded = inverted_block()
    for name, steps in scales.items():
        tensor = weights(rounded)[name]
        steps = steps.reshape(-1, 1, 1, 1)
        values = np.round(numpy_helper.to_array(tensor) / steps) * steps
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float32), name))

    def written(graph):
        return np.mean(
            [values["back"].mean((0, 2, 3)) for values in activations(graph, frames, ["back"])], 0
        )

    # one layer alone, so that its input is the float graph's
    for name in scales:
        if name != "back.weight":
            weights(rounded)[name].CopyFrom(weights(model)[name])
    before = np.abs(written(rounded) - written(model))
    correct_biases(rounded, {}, means)
    assert np.array_equal(written(rounded), written(rounded))
    corrected = inverted_block()
    correct_biases(corrected, {"back.weight": scales["back.weight"]}, means)
    weights(rounded)["back.bias"].CopyFrom(weights(corrected)["back.bias"])
    after = np.abs(written(rounded) - written(model))
    assert before.max() > 0 and after.max() < before.max() / 20
    assert quantised(model, wide, target, means) is not model
