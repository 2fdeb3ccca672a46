"""Is this picture fit to be looked at? Told by cheap statistics of a small copy of it and of three
strips.

Knows pictures; not cameras (whether one hangs is for sources/live/frame_check.py) and not the
model. Every kind of trouble has a score from 0 to 1, 0.5 being the border that keeps one good
CamVid training frame in a hundred or fewer on its wrong side; `catseye analyze health` measures
them.
"""

import math
from typing import Dict, NamedTuple, Optional

import cv2
import numpy as np

from catseye.runtime.health.noise import noises_of
from catseye.runtime.system.json_document import JsonObject

SMALL_WIDTH = 160
BLOCK = 10  # side of the blocks of the small copy that are called flat or not
FLAT_STD = 3.0  # grey levels; a sensor's noise has some two
BURNT = 250  # grey level from which there is nothing left to see
SKY = 0.35  # share of the rows, from the top, where flat and burnt are no news
# where sharpness is looked for: at the full size, below the horizon, in the middle of wide pictures
STRIPS, STRIP_ROWS, STRIP_COLUMNS = (0.45, 0.6, 0.75), 24, 960
SAME = 0.04  # mean grey levels by which two pictures differ at least, even of a standing car: noise

OK = "ok"
# # what a monitor may say beside the kinds below (runtime/health/out_of_distribution.py)
OUT_OF_DISTRIBUTION = "unfamiliar"


class Border(NamedTuple):
    """Where a statistic turns from good to bad (score 0.5), and how far on it is bad for sure (0.88
    at one width)."""

    middle: float
    width: float  # negative: small values are bad


BORDERS: Dict[str, Border] = {
    "dark": Border(100.0, -15.0),  # the grey level that 5 % of the pixels exceed
    "over_exposed": Border(0.1, 0.02),  # burnt share below the sky
    "frozen": Border(SAME, -0.01),  # mean difference to the picture before
    "covered": Border(0.45, 0.05),  # share of flat blocks below the sky
    "blurred": Border(0.3, -0.012),  # difference to the next pixel over that to the fourth
    "colour_cast": Border(0.22, 0.03),  # how far a channel's mean is from the grey one, relative
    # noise in grey levels; with the same on each colour alone, grey has two thirds of it
    "noisy": Border(5.0, 0.8),
}
KINDS = tuple(BORDERS)


class Health(NamedTuple):
    """verdict: "ok" or the kind of trouble with the highest score.  score: that score, 0-1.
    scores: of every kind."""

    verdict: str
    score: float
    scores: Dict[str, float]

    def as_json(self) -> JsonObject:
        """verdict and score, and what a monitor said where there is one."""
        said: JsonObject = {"verdict": self.verdict, "score": round(self.score, 3)}
        return (
            dict(said, unfamiliar=round(self.scores[OUT_OF_DISTRIBUTION], 3))
            if OUT_OF_DISTRIBUTION in self.scores
            else said
        )

    def with_out_of_distribution(self, score: float) -> "Health":
        """The same with a monitor's score, 0-1: its verdict counts where no kind of trouble has a
        name already."""
        scores = dict(self.scores, unfamiliar=score)
        if self.verdict != OK:
            return self._replace(scores=scores)
        return Health(OUT_OF_DISTRIBUTION if score > 0.5 else OK, max(self.score, score), scores)


class FrameQualityCheck:
    """Judges the pictures of one source in turn."""

    def __init__(self, repeats_itself: bool = False) -> None:
        """repeats_itself: whether equal pictures in a row are no news of this source."""
        self._repeats_itself = repeats_itself
        self._previous: Optional[np.ndarray] = None

    def check(self, image: np.ndarray) -> Health:
        """The health of this (H, W, 3) uint8 BGR picture."""
        small = small_copy(image)
        previous, self._previous = self._previous, None if self._repeats_itself else small
        scores = {
            kind: score_of(kind, value)
            for kind, value in statistics_of(image, small, previous).items()
        }
        # of equals the first: black is dark, not covered
        worst = max(KINDS, key=lambda kind: round(scores[kind], 3))
        return Health(worst if scores[worst] > 0.5 else OK, scores[worst], scores)


def score_of(kind: str, value: float) -> float:
    """A statistic as a score: the logistic function around its border."""
    middle, width = BORDERS[kind]
    return 1 / (1 + math.exp(min(50.0, max(-50.0, -2 * (value - middle) / width))))


def statistics_of(
    image: np.ndarray, small: np.ndarray, previous: Optional[np.ndarray]
) -> Dict[str, float]:
    """One number per kind of trouble. small: (h, w, 3) copy of the (H, W, 3) image; previous: that
    of the last.

    In the loop every call finds its code and data gone from the caches: few calls are what is fast.
    """
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    ground = grey[int(SKY * len(grey)) :]
    blue, green, red, _ = cv2.mean(small)
    mean = (blue + green + red) / 3 + 1.0
    strips = strips_of(image)
    return {
        "dark": brightest(grey),
        "over_exposed": np.count_nonzero(ground >= BURNT) / float(ground.size),
        "frozen": difference(small, previous),
        "covered": flat_share(ground),
        "blurred": sharpness(strips),
        "colour_cast": max(abs(blue - mean), abs(green - mean), abs(red - mean)) / (mean + 10),
        "noisy": strip_noise(strips),
    }


def small_copy(image: np.ndarray) -> np.ndarray:
    """(h, w, 3): every so manieth pixel of a (H, W, 3) picture, about SMALL_WIDTH in a row."""
    step = max(1, image.shape[1] // SMALL_WIDTH)
    seen = image[::step, ::step]
    small = np.empty(seen.shape, np.uint8)
    for channel in range(3):  # a fourth of the time that NumPy takes for threes of bytes
        small[..., channel] = seen[..., channel]
    return small


def difference(small: np.ndarray, previous: Optional[np.ndarray]) -> float:
    """Mean grey levels between two pictures; 255 where there is none to compare with."""
    if previous is None or previous.shape != small.shape:
        return 255.0
    return cv2.norm(small, previous, cv2.NORM_L1) / small.size


def brightest(grey: np.ndarray) -> float:
    """The level that 5 % of the pixels exceed."""
    levels, place = grey.flatten(), math.ceil(0.95 * grey.size) - 1
    levels.partition(place)  # two thirds of a histogram's time
    return float(levels[place])


def flat_share(grey: np.ndarray) -> float:
    """Share of the blocks of a (H, W) uint8 picture in which there is nothing to see."""
    rows, columns = grey.shape[0] // BLOCK, grey.shape[1] // BLOCK
    if not rows * columns:
        return 0.0
    both = np.empty((2, rows * BLOCK, columns * BLOCK), np.float32)  # levels and their squares
    both[0] = grey[: rows * BLOCK, : columns * BLOCK]
    np.multiply(both[0], both[0], both[1])
    # means of whole blocks, many times faster than NumPy's of four axes
    lines = both.reshape(2 * rows * BLOCK, columns * BLOCK)
    means = cv2.resize(lines, (columns, 2 * rows), interpolation=cv2.INTER_AREA)
    mean, of_squares = means[:rows], means[rows:]
    return np.count_nonzero(of_squares - mean * mean < FLAT_STD**2) / float(rows * columns)


def is_noisy(image: np.ndarray) -> bool:
    """Whether noise is the trouble with this (H, W, 3) uint8 BGR picture, or one of its
    troubles."""
    return score_of("noisy", strip_noise(strips_of(image))) > 0.5


def strip_noise(strips: np.ndarray) -> float:
    """Grey levels of noise in the strip that shows the least: the others have texture."""
    return min(noises_of(strips))


def strips_of(image: np.ndarray) -> np.ndarray:
    """(3, h, w) uint8 grey strips of the picture at its own size, STRIP_ROWS x STRIP_COLUMNS at
    most."""
    height, width = image.shape[:2]
    left = max(0, (width - STRIP_COLUMNS) // 2)
    tops = [int(place * height) for place in STRIPS]
    rows = min(STRIP_ROWS, height - tops[-1])
    parts = [image[top : top + rows, left : left + STRIP_COLUMNS] for top in tops]
    grey = cv2.cvtColor(np.concatenate(parts), cv2.COLOR_BGR2GRAY)
    return grey.reshape(len(tops), rows, -1)


def sharpness(strips: np.ndarray) -> float:
    """Mean difference of neighbours over that of pixels four apart, in (n, h, w) strips of a
    picture at its own size.

    About 0.25 where it is smooth at that scale, 1 in pure noise; contrast and brightness cancel.
    """
    number, rows, columns = strips.shape
    below = strips.reshape(number * rows, columns)
    beside = strips.swapaxes(0, 1).reshape(rows, number * columns)
    near = far = 1e-3
    for one, other, lag in (
        (below[:, 1:], below[:, :-1], 1),
        (below[:, 4:], below[:, :-4], 4),
        (beside[1:], beside[:-1], 1),
        (beside[4:], beside[:-4], 4),
    ):
        change = number * cv2.norm(one, other, cv2.NORM_L1) / one.size if one.size else 0.0
        near, far = (near + change, far) if lag == 1 else (near, far + change)
    return near / far
