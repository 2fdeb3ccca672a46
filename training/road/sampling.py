"""How often each frame is drawn: sets, night and rare classes by their share, not by their count.

Knows what is in the frames as numbers; reads none twice.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from catseye.runtime.datasets.partial import CODES

NIGHT_LEVEL = 60  # median grey level, below which a frame is of the night
NIGHT_SHARE = 1 / 3  # of a set's draws that its night frames get, if it has any
WHOLE_SHARE = 3 / 4  # of the draws, for sets that name most of the classes
MOST_OFTEN = 3.0  # how much oftener than at random a frame is drawn for night or a rare class
PRESENT = 1e-3  # share of the pixels from which a class counts as being there
FOCUSED, RARE_PIXELS = 0.35, 0.02  # of the crops that lie around a pixel of a rare class
RARE = 0.5  # share of the frames below which a class is rare


class Facts(NamedTuple):
    """codes: (N, CODES) int64 pixels of each frame by code; night: (N,) bool."""

    codes: np.ndarray
    night: np.ndarray

    def undecided(self, classes: int) -> np.ndarray:
        """(N,) share of each frame's pixels without a class of their own."""
        return self.codes[:, classes:].sum(1) / self.codes.sum(1)


def facts_of(frames: Iterable[tuple[np.ndarray, np.ndarray]]) -> Facts:
    """One look at each frame, (H, W, 3) uint8 BGR and (H, W) uint8 codes."""
    rows = [
        (np.bincount(mask.ravel(), minlength=CODES), np.median(image[::8, ::8]) < NIGHT_LEVEL)
        for image, mask in frames
    ]
    return Facts(np.array([codes for codes, _ in rows]), np.array([night for _, night in rows]))


def draw_weights(facts: Facts, of_set: np.ndarray, classes: int) -> np.ndarray:
    """(N,) float64 that sum to 1: the share of the draws that each frame gets.

    Sets that name most of the classes get WHOLE_SHARE together, for what the others tell is soon
    learned; among them, and among the others, a set gets a share by the root of its number of
    frames: of 4 : 1 frames, 2 : 1 draws. of_set: (N,) int, the set that each frame is of.
    """
    often = np.minimum(_rarity_factor(facts.codes[:, :classes]), MOST_OFTEN)
    sets = np.unique(of_set)
    shares = _set_shares(
        np.array([np.sqrt((of_set == one).sum()) for one in sets]),
        np.array([_names_most(facts.codes[of_set == one, :classes]) for one in sets]),
    )
    weights = np.zeros(len(of_set))
    for one, share in zip(sets, shares):
        mine = of_set == one
        weights[mine] = share * _with_night(often[mine], facts.night[mine])
    return weights


def _set_shares(roots: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """(S,) that sum to 1, by each set's root and whether it names most of the classes."""
    if whole.all() or not whole.any():
        return roots / roots.sum()
    whole_share = WHOLE_SHARE * roots / roots[whole].sum()
    return np.where(whole, whole_share, (1 - WHOLE_SHARE) * roots / roots[~whole].sum())


def _names_most(counts: np.ndarray) -> bool:
    """Whether more than half of the classes are labelled in (N, C) pixel counts of a set."""
    return bool((counts.sum(0) > 0).mean() > 0.5)


def drawn(weights: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    """(number,) int indices in random order, each as often as its weight says, rounded up or down
    by chance (systematic sampling)."""
    edges = np.cumsum(weights) / weights.sum() * number
    places = np.arange(number) + rng.uniform()
    return rng.permutation(np.minimum(np.searchsorted(edges, places), len(weights) - 1))


def rare_pixel(
    mask: np.ndarray, rare: np.ndarray, rng: np.random.Generator
) -> tuple[int, int] | None:
    """x, y of a random pixel of a random one of the `rare` classes in (H, W) codes; None where
    there is none, and in all but FOCUSED of the frames."""
    if rng.random() > FOCUSED:
        return None
    there = np.intersect1d(rare, np.unique(mask[::4, ::4]))
    if not len(there):
        return None
    y, x = np.nonzero(mask[::4, ::4] == rng.choice(there))
    chosen = rng.integers(len(x))
    return 4 * int(x[chosen]), 4 * int(y[chosen])


def rare_classes(weights: np.ndarray, facts: Facts, classes: int) -> np.ndarray:
    """The ids of classes that less than RARE_PIXELS of the labelled pixels are of, as frames are
    drawn by these weights."""
    counts = weights @ facts.codes[:, :classes]
    shares = counts / max(counts.sum(), 1e-9)
    return np.flatnonzero((shares > 0) & (shares < RARE_PIXELS))


def _rarity_factor(counts: np.ndarray) -> np.ndarray:
    """(N,): the root of RARE over the share of frames that have the frame's rarest class, 1 at
    least (Gupta, Dollar and Girshick 2019, LVIS)."""
    labelled = np.maximum(counts.sum(1, keepdims=True), 1)
    there = counts > PRESENT * labelled
    having = there.sum(0) / max((counts.sum(1) > 0).sum(), 1)
    factor = np.sqrt(RARE / np.maximum(having, 1e-9)).clip(1)
    return np.where(there, factor, 1).max(1)


def _with_night(often: np.ndarray, night: np.ndarray) -> np.ndarray:
    """Weights of one set that sum to 1: NIGHT_SHARE of them at night, where MOST_OFTEN allows."""
    weights = often / often.sum()
    share = weights[night].sum()
    if not 0 < share < NIGHT_SHARE:
        return weights
    wanted = min(NIGHT_SHARE, share * MOST_OFTEN)
    return np.where(night, weights * wanted / share, weights * (1 - wanted) / (1 - share))
