"""LabelMe: a JSON beside each picture, as labelme writes it.

Polygons, rectangles, turned rectangles, circles and masks are areas; points and lines have none.
The picture may stand in the JSON itself. `__ignore__` is void, `_background_` the background.
"""

import base64
import math
from functools import partial

import cv2
import numpy as np

from catseye.runtime.errors import CatseyeError
from catseye.runtime.picture_files.base import NotTaken
from catseye.runtime.picture_files.png import image_header
from catseye.runtime.picture_files.reading import decoded
from catseye.runtime.system.json_document import Fields
from catseye.training.labels.documents import json_fields, lines_of, mentions
from catseye.training.labels.label_set import Classes, LabelledPicture, LabelSet
from catseye.training.labels.shapes import (
    FILE,
    LARGEST_SIDE,
    MOST_SHAPES,
    Region,
    Shape,
    ellipse,
    pixels,
    points_of,
    polygons,
)
from catseye.training.labels.told import LINES, NOT_THERE, TOO_FEW, UNLABELLED, Told
from catseye.training.labels.tree import Tree, split_of_folders

NAMES = "labels.txt"  # what labelme was started with, in the order of its user
SIDES = ("imageWidth", "imageHeight")
LINE_TYPES = ("line", "linestrip", "point", "points")
LONGEST_PICTURE = 1 << 28  # characters of base64


def is_here(tree: Tree) -> bool:
    return any(_is_labelme(tree.path(name)) for name in tree.ending(".json"))


def read(tree: Tree, told: Told) -> LabelSet:
    """All files of a folder. Raises CatseyeError for what is none of labelme's."""
    files = [name for name in tree.ending(".json") if _is_labelme(tree.path(name))]
    classes = Classes()
    for listed in tree.called(NAMES)[:1]:
        for name in lines_of(tree.path(listed)):
            classes.code(name)
    # read twice: with their pictures inside they would fill the memory
    for label in sorted({label for name in files for label in _labels(_document(tree, name))}):
        classes.code(label)
    found = [_picture(tree, name, _document(tree, name), classes, told) for name in files]
    return LabelSet(classes, [each for each in found if each is not None], FILE)


def _is_labelme(path: str) -> bool:
    return mentions(path, b'"shapes"', b'"imagePath"')


def _document(tree: Tree, name: str) -> Fields:
    return json_fields(tree.path(name), name)


def _shapes(fields: Fields) -> list[Fields]:
    return fields.objects("shapes", least=0, most=MOST_SHAPES)


def _labels(fields: Fields) -> list[str]:
    """Of what has an area."""
    return [
        shape.text("label").strip()
        for shape in _shapes(fields)
        if shape.raw("shape_type") not in LINE_TYPES
    ]


def _picture(
    tree: Tree, name: str, fields: Fields, classes: Classes, told: Told
) -> LabelledPicture | None:
    shapes = []
    for shape in _shapes(fields):
        region = _region(shape, f"{shape.path} of {name}", told)
        if region is not None:
            shapes.append(Shape(classes.code(shape.text("label")), region))
    picture = tree.picture(fields.text("imagePath"), name)
    if not picture and not fields.has("imageData"):
        told.count(NOT_THERE, name)
        return None
    if not shapes:
        told.count(UNLABELLED, name)
        return None
    size_wh = None
    if fields.has("imageWidth") and fields.has("imageHeight"):
        width, height = (fields.integer(side, 1, LARGEST_SIDE) for side in SIDES)
        size_wh = width, height
    split, path = split_of_folders(name), tree.path(picture) if picture else ""
    content = None if picture else partial(_content, tree, name)
    return LabelledPicture(path, name, split, name, shapes, None, size_wh, content)


def _content(tree: Tree, name: str) -> bytes:
    return _bytes(_document(tree, name), "imageData", LONGEST_PICTURE)


def _region(shape: Fields, where: str, told: Told) -> Region | None:
    kind = shape.raw("shape_type") or "polygon"
    if kind in LINE_TYPES:
        told.count(LINES, where)
        return None
    points = points_of(shape.raw("points"), where)
    if kind == "mask":
        return _mask(shape, points, where)
    if kind in ("rectangle", "circle"):
        if len(points) != 2:
            raise CatseyeError(f"{where}, a {kind}, has {len(points)} points", "two")
        points = (_rectangle if kind == "rectangle" else _circle)(*points)
    elif kind not in ("polygon", "oriented_rectangle"):
        raise shape.wrong(".shape_type", kind, "polygon, rectangle, circle, mask or line")
    if len(points) < 3:
        told.count(TOO_FEW, where)
        return None
    return polygons([points], where, told)


def _rectangle(corner: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.array([corner, (other[0], corner[1]), other, (corner[0], other[1])])


def _circle(centre: np.ndarray, edge: np.ndarray) -> np.ndarray:
    radius = math.dist(centre, edge)
    return ellipse(centre, (radius, radius))


def _mask(shape: Fields, points: np.ndarray, where: str) -> Region:
    """A PNG in base64 whose first and last pixel the two points are."""
    if len(points) != 2 or np.abs(points).max() > LARGEST_SIDE:
        raise CatseyeError(f"{where}, a mask, has other points", "its first and its last pixel")
    (left, top), (right, bottom) = points.astype(int)
    data = _bytes(shape, "mask", LONGEST_PICTURE)
    size = (int(right - left + 1), int(bottom - top + 1))
    if _size_of_png(data) != size:  # before it is decoded
        raise CatseyeError(f"{where} is no mask of {size[0]} x {size[1]} pixels", "a PNG of them")

    def region(height: int, width: int) -> tuple[int, int, np.ndarray]:
        area = decoded(data, cv2.IMREAD_GRAYSCALE)
        if area is None or area.shape != size[::-1]:
            raise CatseyeError(f"{where} cannot be read", "a PNG", "export it again")
        return pixels(area > 0, int(left), int(top), where)(height, width)

    return region


def _size_of_png(data: bytes) -> tuple[int, int] | None:
    try:
        header = image_header(data)
    except NotTaken:
        return None
    return header.width, header.height


def _bytes(fields: Fields, name: str, most: int) -> bytes:
    try:
        return base64.b64decode(fields.text(name, most=most), validate=True)
    except ValueError:
        raise CatseyeError(f"{fields.path}.{name} cannot be read", "base64", "export it again")
