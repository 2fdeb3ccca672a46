"""Which interval of a tensor's values the 256 steps of INT8 should cover: four answers, from one
histogram each.

minmax: all that was seen.  percentile: all but one value in ten thousand.  mse: the interval with
the smallest mean squared rounding and clipping error.  entropy: the one whose quantised
distribution is nearest to the true one in the Kullback-Leibler divergence (Migacz, "8-bit Inference
with TensorRT", GTC 2017). Zero is always a step of its own, as padding and ReLU need it. Which of
the four is best depends on network and data, so `export` tries them all.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import onnx

from catseye.export.precision.activations import activations
from catseye.runtime.model_file.tensors import Arrays

BINS = 2048
STEPS = 255  # between the lowest and the highest of 256 levels
KEPT = 0.9999  # share of the values inside a percentile range
# of the largest magnitude: the intervals that mse and entropy try
SHARES = np.linspace(0.05, 1.0, 96)

Range = tuple[float, float]


class Histogram(NamedTuple):
    """counts: (BINS,) of the values in equal bins from low to high, low <= 0 <= high."""

    counts: np.ndarray
    low: float
    high: float

    def centres(self) -> np.ndarray:
        """(BINS,) the middle of each bin."""
        width = (self.high - self.low) / BINS
        return self.low + (np.arange(BINS) + 0.5) * width


def histograms(
    model: onnx.ModelProto, frames: Sequence[Arrays], tensors: Sequence[str]
) -> dict[str, Histogram]:
    """Of each of `tensors` over all frames, which are run twice: for the extremes, then for the
    counts."""
    limits: dict[str, Range] = {}
    for values in activations(model, frames, tensors):
        for name, value in values.items():
            low, high = limits.get(name, (0.0, 0.0))
            limits[name] = min(low, float(value.min())), max(high, float(value.max()))
    counts = {name: np.zeros(BINS, np.int64) for name in limits}
    for values in activations(model, frames, tensors):
        for name, value in values.items():
            counts[name] += _counts(value, *limits[name])
    return {name: Histogram(counts[name], *limits[name]) for name in limits}


def minmax(histogram: Histogram, symmetric: bool) -> Range:
    return _interval(histogram, 1.0, symmetric)


def percentile(histogram: Histogram, symmetric: bool) -> Range:
    magnitudes = np.abs(histogram.centres())
    order = np.argsort(magnitudes)
    below = np.cumsum(histogram.counts[order])
    last = order[np.searchsorted(below, KEPT * below[-1])]
    return _interval(histogram, magnitudes[last] / _amax(histogram), symmetric)


def mse(histogram: Histogram, symmetric: bool) -> Range:
    intervals = [_interval(histogram, share, symmetric) for share in SHARES]
    return min(intervals, key=lambda interval: _squared_error(histogram, interval))


def entropy(histogram: Histogram, symmetric: bool) -> Range:
    intervals = [_interval(histogram, share, symmetric) for share in SHARES]
    return min(intervals, key=lambda interval: _divergence(histogram, interval))


METHODS: dict[str, Callable[[Histogram, bool], Range]] = {
    "minmax": minmax,
    "percentile": percentile,
    "mse": mse,
    "entropy": entropy,
}


def ranges_by(method: str, seen: dict[str, Histogram], symmetric: bool) -> dict[str, Range]:
    """The interval of each tensor by a method of METHODS; symmetric: around zero, as s8 without
    zero point wants."""
    return {name: METHODS[method](histogram, symmetric) for name, histogram in seen.items()}


def _counts(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """(BINS,) how many of the values lie in each bin; many times faster than np.histogram."""
    if high <= low:
        return np.bincount([0], [values.size], BINS).astype(np.int64)
    bins = (values.ravel() - np.float32(low)) * np.float32(BINS / (high - low))
    return np.bincount(np.minimum(bins.astype(np.int32), BINS - 1), minlength=BINS)


def _amax(histogram: Histogram) -> float:
    # a tensor that was always 0 has no size of its own
    return max(-histogram.low, histogram.high) or 1.0


def _interval(histogram: Histogram, share: float, symmetric: bool) -> Range:
    """What is within `share` of the largest magnitude."""
    amax = (share or 1.0) * _amax(histogram)
    if symmetric or histogram.low == histogram.high:
        return -amax, amax
    return max(histogram.low, -amax), min(histogram.high, amax)


def _squared_error(histogram: Histogram, interval: Range) -> float:
    low, high = interval
    step = (high - low) / STEPS
    centres = histogram.centres()
    rounded = np.round(np.clip(centres, low, high) / step) * step
    return float(histogram.counts @ (centres - rounded) ** 2)


def _divergence(histogram: Histogram, interval: Range) -> float:
    """KL(P || Q): P the counts with what is outside moved to the edges, Q what is left of them
    after quantisation.

    The bin of zero counts as much as its neighbour: what ReLU cut off would outweigh all that has
    to be resolved.
    """
    low, high = interval
    centres, counts = histogram.centres(), histogram.counts.astype(np.float64)
    zero = int(np.abs(centres).argmin())
    counts[zero] = counts[zero + 1 if zero + 1 < BINS else zero - 1]
    inside = (centres >= low) & (centres <= high)
    if inside.sum() < 2:
        return np.inf
    p = counts[inside]
    levels = np.minimum((np.arange(len(p)) * (STEPS + 1)) // len(p), STEPS)
    filled = (p > 0).astype(np.float64)
    mass, share = np.bincount(levels, p), np.bincount(levels, filled)
    q = np.where(filled > 0, mass[levels] / np.maximum(share[levels], 1), 0)
    first = int(inside.argmax())
    p[0] += counts[:first].sum()
    p[-1] += counts[first + len(p) :].sum()
    if q.sum() == 0:
        return np.inf
    p, q = p / p.sum(), q / q.sum()
    seen = p > 0
    return float(np.sum(p[seen] * np.log(p[seen] / np.maximum(q[seen], 1e-9))))
