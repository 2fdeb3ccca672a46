"""Whether a model's confidence means what it says: of the pixels that it is 80 % sure of, are 80 %
right?

Expected calibration error (Guo et al. 2017, arXiv 1706.04599): the mean over BINS equal bins of
|share that is right - mean confidence|, weighted by their pixels. NumPy only; knows ids, codes and
confidences, never files or networks.
"""

from typing import List, NamedTuple, Optional, Sequence

import numpy as np

from catseye.runtime.datasets.partial import PartialLabel, allowed_by_code
from catseye.runtime.system.json_document import JsonObject

BINS = 15
LEVELS = 256  # of a confidence


class Bin(NamedTuple):
    """confidence: the mean of its pixels, right: their share that is right, both 0-1, 0 where there
    are no pixels."""

    pixels: int
    confidence: float
    right: float


class Calibration:
    """Summed over a whole split. A pixel counts where its label decides whether the class answered
    is right: it names that class, or one that rules it out; and only where some pixels are labelled
    as that class, or none could be right.
    """

    def __init__(self, names: Sequence[str], partials: Sequence[PartialLabel] = ()) -> None:
        """names: of the classes.  partials: those of the truth's codes after the class ids."""
        self.names = tuple(names)
        self.counts = np.zeros((2, len(names), LEVELS), np.int64)  # wrong and right ones
        self._allowed = allowed_by_code(len(names), partials)
        self._labelled = np.zeros(LEVELS, np.int64)

    def add(self, truth: np.ndarray, answer: np.ndarray, confidence: np.ndarray) -> None:
        """All (H, W) uint8: codes, class ids, and 0..255 for 0..1."""
        self._labelled += np.bincount(truth.ravel(), minlength=LEVELS)
        right = truth == answer
        decided = right | ~self._allowed[truth, answer]
        pairs = answer[decided].astype(np.int64) * LEVELS + confidence[decided]
        for side, chosen in enumerate((~right[decided], right[decided])):
            found = np.bincount(pairs[chosen], minlength=self.counts[0].size)
            self.counts[side] += found.reshape(self.counts[0].shape)

    def bins(self) -> List[Bin]:
        """Of all classes together, from the least confidence to the most."""
        return _bins(self._decided().sum(1))

    def ece(self) -> float:
        """0-1; NaN where nothing is decided."""
        return _ece(self._decided().sum(1))

    def as_json(self) -> JsonObject:
        """{ece, by_class: {name: ece of the pixels that are called so}, bins: [{pixels, confidence,
        right}]}; null where nothing is decided."""
        each = {name: _ece(self._decided()[:, i]) for i, name in enumerate(self.names)}
        return {
            "ece": _number(self.ece()),
            "by_class": {name: _number(value) for name, value in each.items()},
            "bins": [dict(one._asdict()) for one in self.bins()],
        }

    def _decided(self) -> np.ndarray:
        """(2, C, LEVELS) `counts`, without the classes that no pixel is labelled as."""
        return self.counts * (self._labelled[: len(self.names)] > 0)[:, None]


def _bins(counts: np.ndarray) -> List[Bin]:
    """(2, LEVELS) wrong and right ones by confidence -> BINS of them."""
    place = np.arange(LEVELS) * BINS // LEVELS
    pixels, right, sure = (
        np.bincount(place, weights, BINS)
        for weights in (counts.sum(0), counts[1], counts.sum(0) * np.arange(LEVELS) / (LEVELS - 1))
    )
    return [
        Bin(int(n), float(c / max(n, 1)), float(r / max(n, 1)))
        for n, c, r in zip(pixels, sure, right)
    ]


def _ece(counts: np.ndarray) -> float:
    bins = _bins(counts)
    total = sum(one.pixels for one in bins)
    gaps = sum(one.pixels * abs(one.right - one.confidence) for one in bins)
    return gaps / total if total else float("nan")


def _number(value: float) -> Optional[float]:
    return None if np.isnan(value) else value
