"""Finds what looks like handwritten or printed digits in a picture, on light or dark ground.

Ink is what a closing (dark ink) or an opening (light ink) with a square wider than any stroke
removes, so shaded paper and uneven light need no threshold of their own. Knows shapes and
brightness; which digit it is, only the network knows.
"""

from typing import List, NamedTuple, Tuple

import cv2
import numpy as np

from catseye.runtime.tasks.digit_form import stroke_width

Box = Tuple[int, int, int, int]  # x, y, w, h in pixels

ONE_DIGIT = 64  # a picture no larger than this in either direction is one digit
WORKING_SIDE = 960  # larger pictures are searched at this size
CONTRAST = 32  # grey levels between ink and ground, at the least
SMALLEST = 12  # height of a digit in pixels
WIDEST = 1.5  # width / height
SOLID = 0.45  # stroke width / longer side: above it, a blot
CROWDED = 0.3  # share of the ring around a digit that may look like its ink
OVERLAP = 0.25  # common share of two boxes of which only one can be a digit
EDGE = 0.3  # of a digit's darkest ink: where its box ends


class FoundDigit(NamedTuple):
    """box: where it is in the picture.  ink: (h, w) uint8, its ink alone, light on 0.

    crowding: share of the ring around it that looks like its ink, 0-1.
    """

    box: Box
    ink: np.ndarray
    crowding: float = 0.0


def find_digits(image: np.ndarray, most: int) -> List[FoundDigit]:
    """The `most` largest digit-like blobs of a (H, W, 3) uint8 BGR picture, from left to right."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    if max(grey.shape) <= ONE_DIGIT:
        return _the_one_digit(grey)
    scale = min(1.0, WORKING_SIDE / max(grey.shape))
    if round(min(grey.shape) * scale) < 1:
        return []  # a line of pixels
    if scale < 1:
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    grey = cv2.GaussianBlur(grey, (3, 3), 0)
    found = _apart(_digits_of(grey, cv2.MORPH_BLACKHAT) + _digits_of(grey, cv2.MORPH_TOPHAT))
    largest = sorted(found, key=lambda digit: -_area(digit.box))[:most]
    placed = [digit._replace(box=_scaled(digit.box, 1 / scale)) for digit in largest]
    return sorted(placed, key=lambda digit: digit.box)


def _the_one_digit(grey: np.ndarray) -> List[FoundDigit]:
    """All ink of a small picture, lighter or darker than its border; none where the picture is
    flat."""
    border = np.concatenate((grey[0], grey[-1], grey[:, 0], grey[:, -1]))
    difference = grey.astype(np.int16) - int(np.median(border))
    if -difference.min() > difference.max():
        difference = -difference
    ink = np.clip(difference, 0, 255).astype(np.uint8)
    return [_trimmed(ink, (0, 0))] if ink.max() >= CONTRAST else []


def _digits_of(grey: np.ndarray, operation: int) -> List[FoundDigit]:
    """Digits whose ink is what `operation`, cv2's black-hat (dark ink) or top-hat (light ink),
    finds."""
    side = max(15, min(grey.shape) // 5)
    ink = cv2.morphologyEx(grey, operation, np.ones((side, side), np.uint8))
    # noise alone leaves some everywhere
    ink = cv2.subtract(ink, np.full_like(ink, int(np.median(ink[::4, ::4]))))
    _, labels, stats, _ = cv2.connectedComponentsWithStats((ink >= CONTRAST).astype(np.uint8))
    found = []
    for label in _digit_sized(stats, grey.shape):
        x, y, width, height = (int(value) for value in stats[label][:4])
        own = (labels[y : y + height, x : x + width] == label).astype(np.uint8)
        digit = _trimmed(ink[y : y + height, x : x + width] * own, (x, y))
        digit = digit._replace(crowding=_crowding(digit, grey))
        if stroke_width(digit.ink) <= SOLID * max(digit.ink.shape) and digit.crowding <= CROWDED:
            found.append(digit)
    return found


def _digit_sized(stats: np.ndarray, shape: Tuple[int, int]) -> np.ndarray:
    """Labels of the components (0 is the ground) that are large, upright and whole enough."""
    x, y, width, height, area = stats[:, :5].T
    whole = (x > 0) & (y > 0) & (x + width < shape[1]) & (y + height < shape[0])
    upright = (height >= SMALLEST) & (width <= WIDEST * height)
    fits = whole & upright & (area >= SMALLEST)
    fits[0] = False
    return np.flatnonzero(fits)


def _trimmed(ink: np.ndarray, corner_xy: Tuple[int, int]) -> FoundDigit:
    """Cut to the rows and columns that hold more than the blur around a stroke; strongest ink
    becomes 255."""
    strongest = float(np.percentile(ink[ink > 0], 90))
    rows, columns = (np.flatnonzero((ink >= EDGE * strongest).any(axis)) for axis in (1, 0))
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    cut = np.minimum(ink[top:bottom, left:right] * (255 / strongest), 255).astype(np.uint8)
    return FoundDigit((corner_xy[0] + left, corner_xy[1] + top, right - left, bottom - top), cut)


def _crowding(digit: FoundDigit, grey: np.ndarray) -> float:
    """The gap between two strokes has its like next to it; around a digit there is ground."""
    x, y, width, height = digit.box
    reach = 2 + max(width, height) // 10
    top, left = max(0, y - reach), max(0, x - reach)
    around = grey[top : y + height + reach, left : x + width + reach].astype(np.float32)
    outside = np.ones(around.shape, bool)
    outside[y - top : y - top + height, x - left : x - left + width] = False
    ink = float(np.median(grey[y : y + height, x : x + width][digit.ink > 127]))
    ground = float(np.median(around[outside]))
    if abs(ink - ground) < CONTRAST / 2:
        return 1.0
    return float((np.abs(around[outside] - ink) < np.abs(around[outside] - ground)).mean())


def _apart(found: List[FoundDigit]) -> List[FoundDigit]:
    """Of those that overlap only the one that stands most alone: the nought, not the light hole in
    it."""
    kept: List[FoundDigit] = []
    for digit in sorted(found, key=lambda digit: (digit.crowding, -_area(digit.box))):
        if all(_overlap(digit.box, other.box) <= OVERLAP for other in kept):
            kept.append(digit)
    return kept


def _overlap(one: Box, other: Box) -> float:
    """Common area as a share of the smaller box, 0-1."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(across, 0) * max(down, 0) / min(_area(one), _area(other))


def _area(box: Box) -> int:
    return box[2] * box[3]


def _scaled(box: Box, scale: float) -> Box:
    x, y, width, height = (int(round(value * scale)) for value in box)
    return x, y, width, height
