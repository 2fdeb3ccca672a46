"""Channels of like range: the answers stay, the ranges become alike, and what must not be touched
is not."""

import numpy as np
import onnx
import pytest
from chain import convolution, frames_of, graph_of, inverted_block, plain
from onnx import numpy_helper

from catseye.export.precision.activations import channel_statistics
from catseye.export.precision.equalisation import (
    HIGHEST,
    STEPS_AN_OCTAVE,
    combined,
    equalised,
    exponents_for,
    families,
)
from catseye.export.precision.onnx_graph import answers
from catseye.runtime.errors import CatseyeError

THREE = {"one": (4, 3, 1, 1), "two": (4, 4, 1, 1), "y": (2, 4, 1, 1)}


def peaks(model, names):
    return {name: each.peak for name, each in channel_statistics(model, frames_of(), names).items()}


def exponents_of(model, names):
    return exponents_for(model, channel_statistics(model, frames_of(), names), names)


def same_answers(one, other):
    return all(
        np.allclose(want[name], got[name], rtol=1e-4, atol=1e-4 * np.abs(want[name]).max())
        for want, got in zip(answers(one, frames_of()), answers(other, frames_of()))
        for name in want
    )


def test_channels_become_alike_and_the_answers_stay():
    model, names = inverted_block(), ["a", "b", "c", "d", "f"]
    exponents = exponents_of(model, names)
    after = equalised(model, exponents)
    assert same_answers(model, after)
    for name, peak in peaks(after, names).items():
        before = peaks(model, [name])[name]
        alive = before > before.max() / 2 ** (HIGHEST / STEPS_AN_OCTAVE)
        assert before[alive].max() > 1.5 * before[alive].min()
        assert peak[alive].min() > peak.max() * 2 ** (-1.01 / STEPS_AN_OCTAVE)


def test_the_tensors_of_a_sum_have_the_same_factors():
    model = inverted_block()
    family = next(each for each in families(model) if "e" in each.tensors)
    assert family.tensors == ["narrow", "back", "e"]
    assert {node.output[0] for node in family.writers} == {"narrow", "back"}
    assert {node.output[0] for node in family.readers} == {"widen", "mix"}
    exponents = exponents_of(model, ["narrow", "e"])
    assert list(exponents) == ["narrow"] and any(exponents["narrow"])
    assert same_answers(model, equalised(model, exponents))


def test_a_family_that_nothing_reads_as_int8_is_left_alone():
    assert exponents_of(inverted_block(), ["d"]).keys() == {"inner"}


def test_what_calibration_did_not_see_is_not_made_arbitrarily_large():
    model = graph_of(
        [convolution("one", "x"), plain("Relu", "one", "a"), convolution("y", "a")], THREE
    )
    known = {tensor.name: tensor for tensor in model.graph.initializer}
    bias = numpy_helper.to_array(known["one.bias"]).copy()
    bias[1] = -1e6  # dead
    known["one.bias"].CopyFrom(numpy_helper.from_array(bias, "one.bias"))
    exponents = exponents_of(model, ["a"])
    assert exponents["one"][1] == HIGHEST and min(exponents["one"]) == 0
    assert same_answers(model, equalised(model, exponents))


def held(name):
    """Three convolutions, with something between the first two that factors do not go through."""
    half = np.array(0.5, np.float32)
    slope = np.array([0.1, 0.2, 0.3, 0.4], np.float32).reshape(4, 1, 1)
    between = {
        "clip": [plain("Clip", "one", "a", "low", "high")],
        "prelu": [plain("PRelu", "one", "a", "slope")],
        "product": [plain("Mul", "one", "a", "half")],
        "sum with a constant": [plain("Add", "one", "a", "slope")],
        "concatenation": [plain("Concat", "one", "both", "one", axis=1)],
        "output": [plain("Relu", "one", "a")],
        "branch": [plain("Relu", "one", "a"), plain("Sigmoid", "a", "gate")],
        "shared weight": [plain("Relu", "one", "a")],
        "several groups": [plain("Relu", "one", "a")],
    }[name]
    shapes = {
        **THREE,
        "low": np.array(0, np.float32),
        "high": np.array(6, np.float32),
        "half": half,
        "slope": slope,
    }
    nodes = [convolution("one", "x"), *between]
    read, outputs = "a", ("y",)
    if name == "concatenation":
        read, shapes["two"] = "both", (4, 8, 1, 1)
    if name == "several groups":
        shapes["two"] = (4, 2, 1, 1)
    nodes.append(convolution("two", read, groups=2 if name == "several groups" else 1))
    last = "two"
    if name == "shared weight":
        nodes.append(convolution("again", "two", weight="two.weight"))
        shapes["again"], last = (4, 4, 1, 1), "again"
    nodes.append(convolution("y", last))
    if name == "output":
        outputs = ("y", "a")
    if name == "branch":
        outputs = ("y", "gate")
    return graph_of(nodes, shapes, outputs)


@pytest.mark.parametrize(
    "name",
    [
        "clip",
        "prelu",
        "product",
        "sum with a constant",
        "concatenation",
        "output",
        "branch",
        "shared weight",
        "several groups",
    ],
)
def test_what_factors_do_not_go_through_is_left_alone(name):
    model = held(name)
    exponents = exponents_of(model, ["one", "a", "both", "two"])
    assert "one" not in exponents
    after = equalised(model, {**exponents, "one": [8, 0, 0, 0]})
    assert same_answers(model, after)


def test_a_graph_within_a_node_may_read_anything():
    model = held("output")
    inner = onnx.helper.make_graph(
        [onnx.helper.make_node("Identity", ["a"], ["seen"])],
        "inner",
        [],
        [onnx.helper.make_tensor_value_info("seen", onnx.TensorProto.FLOAT, None)],
    )
    condition = numpy_helper.from_array(np.array(True), "condition")
    model.graph.initializer.append(condition)
    node = onnx.helper.make_node(
        "If", ["condition"], ["either"], "if", then_branch=inner, else_branch=inner
    )
    model.graph.node.append(node)
    assert families(model) == []


def test_steps_are_added_up_and_taken_off():
    one, other = {"a": [1, 2], "b": [3]}, {"b": [4], "c": [5, 6]}
    both = combined(one, other)
    assert both == {"a": (1, 2), "b": (7,), "c": (5, 6)}
    assert combined(both, other, -1) == {"a": (1, 2), "b": (3,), "c": (0, 0)}


def test_factors_of_another_network_are_refused():
    with pytest.raises(CatseyeError, match="factors for 2 channels of first"):
        equalised(inverted_block(), {"first": [1, 2]})
