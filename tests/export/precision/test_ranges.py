"""Ranges: what each method covers, on distributions whose right answer is known."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from catseye.export.precision.ranges import (
    BINS,
    METHODS,
    Histogram,
    entropy,
    histograms,
    minmax,
    percentile,
)


def histogram_of(values: np.ndarray) -> Histogram:
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    return Histogram(np.histogram(values, BINS, (low, high))[0], low, high)


@pytest.fixture(scope="module")
def bell() -> np.ndarray:
    return np.random.RandomState(0).randn(200_000)


def quantisation_error(values: np.ndarray, interval: tuple[float, float]) -> float:
    step = (interval[1] - interval[0]) / 255
    return float(np.mean((np.round(np.clip(values, *interval) / step) * step - values) ** 2))


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("method", METHODS)
def test_every_range_holds_zero_and_stays_within_what_was_seen(method, symmetric, bell):
    for values in (bell, np.abs(bell), -np.abs(bell) - 1):
        low, high = METHODS[method](histogram_of(values), symmetric)
        largest = np.abs(values).max() + 1e-9
        assert -largest <= low <= 0 <= high <= largest and low < high
        assert not symmetric or low == -high


def test_minmax_covers_all(bell):
    assert minmax(histogram_of(bell), False) == (bell.min(), bell.max())


def test_percentile_leaves_a_few_outliers_out(bell):
    spiked = np.append(bell, [900.0, -700.0])
    low, high = percentile(histogram_of(spiked), False)
    assert -7 < low < -3 and 3 < high < 7


@pytest.mark.parametrize("outlier", [20.0, 60.0])
def test_mse_is_no_worse_than_any_other_method(outlier, bell):
    values = np.append(bell, outlier)
    error = {
        name: quantisation_error(values, method(histogram_of(values), True))
        for name, method in METHODS.items()
    }
    assert error["mse"] <= 1.05 * min(error.values())
    assert error["mse"] < error["minmax"]


def test_entropy_is_not_misled_by_what_relu_cut_off(bell):
    """Half of the values are exactly 0: the rest must still be covered about as well as without
    them."""
    _, plain = entropy(histogram_of(np.abs(bell)), False)
    _, high = entropy(histogram_of(np.maximum(bell, 0)), False)
    assert high > 0.8 * plain and high > 2.5


def test_a_tensor_that_is_always_zero_has_a_range(bell):
    for method in METHODS.values():
        low, high = method(histogram_of(np.zeros(9)), True)
        assert low < 0 < high


def test_histograms_over_frames_are_those_of_all_values():
    nodes = [
        helper.make_node("Relu", ["x"], ["y"], "relu"),
        helper.make_node("Neg", ["y"], ["z"], "neg"),
    ]
    border = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 500]) for name in ("x", "z")
    ]
    model = helper.make_model(
        helper.make_graph(nodes, "g", border[:1], border[1:]),
        opset_imports=[helper.make_opsetid("", 13)],
        ir_version=7,
    )
    frames = [
        {"x": np.random.RandomState(seed).randn(1, 500).astype(np.float32) * seed}
        for seed in (1, 4)
    ]
    seen = histograms(model, frames, ["y", "z"])
    values = np.concatenate([np.maximum(frame["x"], 0).ravel() for frame in frames])
    assert seen["y"].high == pytest.approx(values.max()) and seen["y"].low == 0
    assert seen["z"].low == pytest.approx(-values.max()) and seen["z"].high == 0
    expected, _ = np.histogram(values, BINS, (0, values.max()))
    # values on an edge
    assert seen["y"].counts.sum() == 1000 and np.abs(seen["y"].counts - expected).sum() <= 20
