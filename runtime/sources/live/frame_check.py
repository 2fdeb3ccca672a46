"""Is this picture one that a working camera gives? Told by cheap looks at it and at the one before.

Knows pictures and seconds; not cameras, threads or what is done about a bad one. Whether a picture
is any good to look at (dark, blurred, ...) is for runtime/health/frame_quality.py; here are only
the signs of a link or a driver that has gone wrong.
"""

from typing import Optional, Tuple

import numpy as np

from catseye.runtime.sources.faults import BLACK, FROZEN, SIZE, TRUNCATED, CameraFault, Limits

EVERY = 8  # a picture is first looked at by every eighth pixel of every eighth row
# grey levels; a lost signal has one of them, the darkest night some noise or a lamp
BLACK_MEAN, BLACK_SPREAD = 4.0, 2
# grey levels between which a sensor's noise shows, and the share of them that a picture needs to
# show it: what is cut off at black or white repeats itself
NOISY_FROM, NOISY_TO, NOISY_SHARE = 16, 239, 0.1
SETTLED = 8  # pictures in a row of another size: a driver's slip is over sooner
MOST_DOUBLINGS = 7  # of a patience that opening again did not reward: from 5 s to ten minutes
# decoders of JPEG paint what is missing in this grey; so many rows are no coincidence
FILL, FILL_ROWS = 128, 8

# never worth an answer; the others are passed on until they have lasted too long
WITHHELD = (TRUNCATED, SIZE)


class FrameCheck:
    """Follows the pictures of one camera, also across its reopenings."""

    def __init__(self, limits: Limits) -> None:
        self._patience_s = {
            TRUNCATED: limits.read_s,
            SIZE: limits.read_s,
            FROZEN: limits.freeze_s,
            BLACK: limits.black_s,
        }
        self._previous: Optional[np.ndarray] = None
        self._shape: Optional[Tuple[int, ...]] = None
        self._latest_shape: Optional[Tuple[int, ...]] = None
        self._alike = 0  # how many pictures in a row have had that shape
        self._bad, self._bad_since_s = "", 0.0
        # what the camera was reopened for: no such picture is taken for good now
        self._suspect = ""
        self._futile = 0  # how often that did not help

    def accepts(self, image: np.ndarray, now_s: float) -> bool:
        """Whether to pass this (H, W, 3) uint8 picture on; raises CameraFault once a fault has
        lasted too long.

        now_s: monotonic clock.
        """
        fault = self._fault_of(image)
        if fault != self._bad:
            self._bad, self._bad_since_s = fault, now_s
        if not fault:
            self._suspect, self._futile = "", 0
            return True
        lasted_s = now_s - self._bad_since_s
        if lasted_s >= self._patience_s[fault] * 2**self._futile:
            self._give_up(fault)
            raise CameraFault(fault, "%s pictures for %.1f s" % (fault, lasted_s))
        return fault not in WITHHELD and fault != self._suspect

    @property
    def bad(self) -> str:
        """The fault of the newest picture, "" for a good one."""
        return self._bad

    def camera_opens(self) -> None:
        """What it gives first, whenever it is opened, has its size."""
        self._shape = None

    def _fits(self, shape: Tuple[int, ...]) -> bool:
        """Whether this is the camera's size; one that has come often enough is its new one."""
        self._alike = self._alike + 1 if shape == self._latest_shape else 1
        self._latest_shape = shape
        if self._shape is None or self._alike >= SETTLED:
            self._shape = shape
        return shape == self._shape

    def _give_up(self, fault: str) -> None:
        """The camera is opened again because of `fault`: such pictures prove nothing then, and are
        borne twice as long the next time."""
        again = fault == self._suspect and fault not in WITHHELD
        self._futile = min(self._futile + 1, MOST_DOUBLINGS) if again else 0
        self._bad, self._suspect = "", fault

    def _fault_of(self, image: np.ndarray) -> str:
        if is_truncated(image):
            return TRUNCATED
        if not self._fits(image.shape):
            return SIZE
        previous, self._previous = self._previous, image
        if self._patience_s[BLACK] and is_black(image):
            return BLACK
        if self._patience_s[FROZEN] and previous is not None and is_frozen(image, previous):
            return FROZEN
        return ""


def is_truncated(image: np.ndarray) -> bool:
    """Whether a picture is empty, or its last rows are the flat grey of missing data."""
    if not image.size:
        return True
    if abs(int(image[-1, 0, 0]) - FILL) > 1:  # all but always enough
        return False
    last = image[-FILL_ROWS:].astype(np.int16)
    return bool(len(image) > FILL_ROWS and (np.abs(last - FILL) <= 1).all() and image.std() > 1)


def is_black(image: np.ndarray) -> bool:
    """Whether there is nothing in the picture but black: no lamp and no noise."""
    if float(image[::EVERY, ::EVERY].mean()) >= BLACK_MEAN:
        return False
    return int(image.max()) - int(image.min()) <= BLACK_SPREAD


def is_frozen(image: np.ndarray, previous: np.ndarray) -> bool:
    """Whether two pictures are equal though noise would show: a sensor's never repeats itself."""
    return is_same(image, previous) and shows_noise(image)


def shows_noise(image: np.ndarray) -> bool:
    """Whether enough of the picture is neither black nor white."""
    looked_at = image[::EVERY, ::EVERY]
    between = (looked_at >= NOISY_FROM) & (looked_at <= NOISY_TO)
    return bool(between.mean() >= NOISY_SHARE)


def is_same(image: np.ndarray, other: np.ndarray) -> bool:
    """Whether two pictures are equal byte for byte."""
    if image.shape != other.shape or not np.array_equal(
        image[::EVERY, ::EVERY], other[::EVERY, ::EVERY]
    ):
        return False
    return image is other or np.array_equal(image, other)
