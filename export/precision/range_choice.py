"""The choice of ranges, once channels have like ones: the INT8 graph of each method on frames it
was not calibrated with, against the float graph.

What is compared is the task's own answer and not its distance from the truth, so no labels are
needed and no labelled frame is used up: for class ids the mean IoU with the source's mask, for
numbers the ratio of signal to error in dB.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import onnx

from catseye.export.precision.activations import channel_statistics, float_tensors
from catseye.export.precision.calibration import Calibration
from catseye.export.precision.equalisation import (
    equalised,
    exponents_for,
    factors_by_tensor,
)
from catseye.export.precision.int8 import lowered_tensors, quantised
from catseye.export.precision.onnx_graph import answers
from catseye.export.precision.ranges import METHODS, Histogram, Range, histograms, ranges_by
from catseye.runtime.evaluation.metrics import ConfusionMatrix
from catseye.runtime.model_file.card import Card
from catseye.runtime.model_file.tensors import Arrays


class Choice(NamedTuple):
    """The method taken, its ranges for activations around zero or not, and what each method
    scored.

    exponents: what the channels of the graph were brought to like ranges by, before these were
    measured.  means: (C,) of each tensor after it.
    """

    method: str
    ranges: dict[str, Range]
    measure: str
    scores: dict[str, float]
    seen: dict[str, Histogram]
    exponents: dict[str, list[int]]
    means: dict[str, np.ndarray]

    def amax(self) -> dict[str, float]:
        """The largest magnitude of each float tensor by the chosen method: what set_dynamic_range
        of TensorRT takes."""
        chosen = ranges_by(self.method, self.seen, symmetric=True)
        return {name: float(f"{high:.6g}") for name, (_, high) in chosen.items()}


def choose_ranges(
    model: onnx.ModelProto, calibration: Calibration, target: str, card: Card
) -> Choice:
    """Try every method of ranges.METHODS on the held-out frames; the best is taken. Raises
    CatseyeError where nothing can be lowered."""
    lowered = lowered_tensors(model, target)
    channels = channel_statistics(model, calibration.frames, lowered)
    exponents = exponents_for(model, channels, lowered)
    factors = factors_by_tensor(model, exponents)
    means = {name: each.mean * factors.get(name, 1) for name, each in channels.items()}
    model = equalised(model, exponents)
    seen = histograms(model, calibration.frames, list(float_tensors(model)))
    expected = answers(model, calibration.held_out)
    classes = len(card.classes)
    scores, ranges = {}, {}
    for method in METHODS:
        ranges[method] = ranges_by(method, seen, symmetric=target != "any")
        int8 = quantised(model, ranges[method], target, means)
        scores[method] = fidelity(expected, answers(int8, calibration.held_out), classes)
    best = max(scores, key=lambda method: scores[method])
    return Choice(best, ranges[best], measure_of(expected), scores, seen, exponents, means)


def measure_of(expected: Sequence[Arrays]) -> str:
    """What `fidelity` measures on such answers."""
    is_float = _first(expected[0]).dtype.kind == "f"
    return "signal to error, dB" if is_float else "miou with the source"


def fidelity(expected: Sequence[Arrays], actual: Sequence[Arrays], classes: int) -> float:
    """How near the first output is to the source's: mean IoU of ids (0..1), or dB of floats; higher
    is nearer."""
    pairs = [(_first(want), _first(got)) for want, got in zip(expected, actual)]
    if pairs[0][0].dtype.kind == "f":
        wanted, found = (np.stack(side) for side in zip(*pairs))
        return signal_to_error_db(wanted, found)
    matrix = ConfusionMatrix(classes)
    for want, got in pairs:
        matrix.add(want, got)
    return matrix.miou()


def signal_to_error_db(want: np.ndarray, got: np.ndarray) -> float:
    """10 log10 of the signal's power over the error's; 200 where there is no error to speak of,
    -200 for NaN."""
    signal = float(np.sum(np.square(want, dtype=np.float64)))
    error = float(np.sum(np.square(want.astype(np.float64) - got)))
    if not np.isfinite(error):
        return -200.0
    return float(np.clip(10 * np.log10(max(signal, 1e-30) / max(error, 1e-30)), -200, 200))


def _first(arrays: Arrays) -> np.ndarray:
    return next(iter(arrays.values()))
