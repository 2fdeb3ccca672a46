"""Areas that labels outline, drawn into one mask of codes: polygons, run lengths, small masks.

Polygons are filled as COCO's own tool fills them (pycocotools): coordinates are edges of pixels, so
(0, 0) to (10, 10) are ten by ten; cv2.fillPoly makes thin markings a pixel wider
(findings/polygon-masks.sh). Knows arrays; not who wrote the shapes.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from catseye.runtime.errors import CatseyeError
from catseye.training.labels.told import Told

REST = 254  # the code of pixels under no shape
MOST_SHAPES = 10_000  # of a picture
LARGEST_SIDE = 1 << 16  # of a picture, as a label file says it
LONGEST_OUTLINE = 2_000_000  # pixels of a shape: its memory grows with it
OUTSIDE = "points outside their picture, cut off at its border"
TOLERANCE = 1.0  # pixels outside that nobody need be told of
ANOTHER = "labels of this picture in this size"

# (height, width) -> top, left and the (h, w) bool area from there on
Region = Callable[[int, int], tuple[int, int, np.ndarray]]
FILE, SMALL = "file", "small"  # later shapes over earlier ones; smaller ones over larger ones
CORNERS = 128  # of an ellipse


class Shape(NamedTuple):
    """code: of its class.  layer: higher ones lie over lower ones, whatever the order."""

    code: int
    region: Region
    layer: int = 0


def painted(shapes: Sequence[Shape], height: int, width: int, order: str) -> np.ndarray:
    """(H, W) uint8 codes, REST under no shape. Raises CatseyeError for shapes that do not fit."""
    if len(shapes) > MOST_SHAPES:
        raise CatseyeError(f"{len(shapes)} shapes in one picture", f"{MOST_SHAPES} at most")
    codes = np.full((height, width), REST, np.uint8)
    if order == SMALL:
        areas = [int(shape.region(height, width)[2].sum()) for shape in shapes]
        ranked = sorted(range(len(shapes)), key=lambda i: (shapes[i].layer, -areas[i]))
    else:
        ranked = sorted(range(len(shapes)), key=lambda i: shapes[i].layer)
    for index in ranked:
        top, left, area = shapes[index].region(height, width)
        part = codes[top : top + area.shape[0], left : left + area.shape[1]]
        part[area] = shapes[index].code
    return codes


def points_of(values: object, where: str) -> np.ndarray:
    """(N, 2) float64 x and y of a list of pairs, or of x, y, x, y, ... Raises CatseyeError for
    anything else, `where` said first."""
    try:
        points = np.asarray(values, np.float64)
        points = points.reshape(-1, 2) if points.ndim == 1 else points
    except (ValueError, TypeError, OverflowError):
        points = np.empty(0)
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise CatseyeError(
            f"{where} is no list of points", "x and y, finite numbers", "export it again"
        )
    return points


def ellipse(centre: np.ndarray, radii: tuple[float, float]) -> np.ndarray:
    """(CORNERS, 2) points along and across one whose axes are those of the picture."""
    angles = np.linspace(0, 2 * math.pi, CORNERS, endpoint=False)
    return np.asarray(centre + np.stack((np.cos(angles), np.sin(angles)), axis=1) * radii)


def polygons(rings: Sequence[np.ndarray], where: str, told: Told) -> Region:
    """The union of polygons, each (N, 2) of three points or more, in pixels."""
    checked: list[bool] = []  # points outside are told of once, however often this is drawn

    def region(height: int, width: int) -> tuple[int, int, np.ndarray]:
        from pycocotools import mask as coco_mask

        for ring in () if checked else rings:
            _check_ring(ring, np.array((width, height)), where, told)
        checked.append(True)
        runs = coco_mask.frPyObjects([ring.ravel().tolist() for ring in rings], height, width)
        return 0, 0, coco_mask.decode(coco_mask.merge(runs)).astype(bool)

    return region


def _check_ring(ring: np.ndarray, size: np.ndarray, where: str, told: Told) -> None:
    if (ring < -size).any() or (ring > 2 * size).any():
        x, y = ring[((ring < -size) | (ring > 2 * size)).any(axis=1)][0]
        raise CatseyeError(
            f"{where} has a point at {x:g}, {y:g} and its picture {size[0]} x {size[1]} pixels",
            ANOTHER,
        )
    if np.abs(np.diff(ring, axis=0)).max(axis=1).sum() > LONGEST_OUTLINE:
        raise CatseyeError(f"{where} has an outline of millions of pixels", "a simple shape")
    outside = ((ring < -TOLERANCE) | (ring > size + TOLERANCE)).any(axis=1)
    told.count(OUTSIDE, where, int(outside.sum()))


def column_runs(counts: np.ndarray, size: tuple[int, int], where: str) -> Region:
    """COCO's run lengths: column by column, beginning with what is not meant; size: height, width
    as the labels say it."""

    def region(height: int, width: int) -> tuple[int, int, np.ndarray]:
        if size != (height, width):
            raise CatseyeError(
                f"{where} is of {size[1]} x {size[0]} pixels and its picture of {width} x {height}",
                ANOTHER,
            )
        return 0, 0, _unpacked(counts, height * width, where).reshape(width, height).T

    return region


def row_runs(counts: np.ndarray, box: tuple[int, int, int, int], where: str) -> Region:
    """CVAT's run lengths: row by row within a box of left, top, width, height."""
    left, top, box_width, box_height = box

    def region(height: int, width: int) -> tuple[int, int, np.ndarray]:
        _check_box(box, height, width, where)
        area = _unpacked(counts, box_width * box_height, where)
        return top, left, area.reshape(box_height, box_width)

    return region


def pixels(area: np.ndarray, left: int, top: int, where: str) -> Region:
    """A (h, w) bool mask whose corner lies there."""

    def region(height: int, width: int) -> tuple[int, int, np.ndarray]:
        _check_box((left, top, area.shape[1], area.shape[0]), height, width, where)
        return top, left, area

    return region


def _check_box(box: tuple[int, int, int, int], height: int, width: int, where: str) -> None:
    left, top, box_width, box_height = box
    if min(left, top) < 0 or left + box_width > width or top + box_height > height:
        raise CatseyeError(
            f"{where} goes from {left}, {top} over {box_width} x {box_height} pixels and its"
            f" picture has {width} x {height}",
            ANOTHER,
        )


def _unpacked(counts: np.ndarray, pixels: int, where: str) -> np.ndarray:
    """(pixels,) bool of run lengths, the first of which are False."""
    if (counts < 0).any() or (counts > pixels).any() or int(counts.sum()) != pixels:
        raise CatseyeError(f"{where} has runs of other pixels", f"{pixels} in all")
    return np.repeat(np.arange(len(counts)) % 2 == 1, counts)


def counts_of(values: object, where: str) -> np.ndarray:
    """(N,) int64 of a list of whole numbers. Raises CatseyeError for anything else."""
    try:
        counts = np.asarray(values, np.int64)
        exact = counts.ndim == 1 and list(counts) == list(values)  # type: ignore[call-overload]
    except (ValueError, TypeError, OverflowError):
        exact = False
    if not exact:
        raise CatseyeError(f"{where} has no run lengths", "whole numbers", "export it again")
    return counts


def counts_of_text(text: str, where: str) -> np.ndarray:
    """(N,) int64 of COCO's compressed run lengths: six bits a character, five of them the number's;
    from the third on a run is its difference to the one before the last. pycocotools decodes them
    too, but hands out foreign memory where they are too few. Raises CatseyeError for other text."""
    counts: list[int] = []
    value = shift = 0
    for character in text:
        bits = ord(character) - 48
        if not 0 <= bits < 64 or shift > 50:
            raise CatseyeError(f"{where} has no run lengths", "COCO's compressed ones")
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:
            value -= 1 << shift
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
        value = shift = 0
    return np.array(counts, np.int64)
