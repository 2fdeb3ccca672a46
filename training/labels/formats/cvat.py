"""CVAT: the XML "CVAT for images 1.1", with polygons, masks, boxes and ellipses.

Higher z_order lies over lower, then the later shape over the earlier, as in CVAT. Boxes and
ellipses are filled, as CVAT itself fills them where it exports masks. Videos' tracks are not read:
between their key frames the shapes are CVAT's to reckon.
"""

import math
from typing import TYPE_CHECKING

import numpy as np

from catseye.runtime.classes import Colour
from catseye.runtime.errors import CatseyeError
from catseye.training.labels.documents import mentions, whole_number, xml_root
from catseye.training.labels.label_set import Classes, LabelledPicture, LabelSet
from catseye.training.labels.shapes import (
    FILE,
    LARGEST_SIDE,
    Region,
    Shape,
    counts_of,
    ellipse,
    points_of,
    polygons,
    row_runs,
)
from catseye.training.labels.told import LINES, NOT_THERE, TOO_FEW, UNLABELLED, Told
from catseye.training.labels.tree import SPLIT_OF, Tree, split_of_file, split_of_folders

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LINE_KINDS = ("polyline", "points", "cuboid", "skeleton")
SIDES = ("width", "height")


def is_here(tree: Tree) -> bool:
    return bool(_files(tree))


def read(tree: Tree, told: Told) -> LabelSet:
    """All files of a folder. Raises CatseyeError for what is none of CVAT's for images."""
    classes, found = Classes(), []
    for name in _files(tree):
        root = xml_root(tree.path(name))
        if root.find("track") is not None:
            raise CatseyeError(
                f"{name} is of a video", "CVAT for images", "export as CVAT for images 1.1"
            )
        for label in root.iterfind("meta//label"):
            if label.findtext("parent") is None:  # else a point of a skeleton
                classes.code(label.findtext("name") or "", _colour(label.findtext("color")))
        for image in root.iterfind("image"):
            picture = _picture(tree, name, image, classes, told)
            if picture is not None:
                found.append(picture)
    return LabelSet(classes, found, FILE)


def _files(tree: Tree) -> list[str]:
    return [
        name
        for name in tree.ending(".xml")
        if mentions(tree.path(name), b"<annotations>") and _is_cvat(tree.path(name))
    ]


def _is_cvat(path: str) -> bool:
    return mentions(path, b"<image ") or mentions(path, b"<track ")


def _picture(
    tree: Tree, name: str, image: "Element", classes: Classes, told: Told
) -> LabelledPicture | None:
    file_name = _text(image, "name", name)
    where = f"{file_name} in {name}"
    said = SPLIT_OF.get(image.get("subset", "").lower(), "")
    split = said or split_of_folders(file_name) or split_of_file(name)
    picture = tree.picture(file_name, name, split)
    if not picture:
        told.count(NOT_THERE, file_name)
        return None
    shapes = []
    for shape in image:
        region = _region(shape, where, told)
        if region is not None:
            layer = int(_number(shape, "z_order", where)) if shape.get("z_order") else 0
            shapes.append(Shape(classes.code(_text(shape, "label", where)), region, layer))
    if not shapes:
        told.count(UNLABELLED, file_name)
        return None
    width, height = (_whole(image, side, where, 1) for side in SIDES)
    return LabelledPicture(
        tree.path(picture), file_name, split, where, shapes, size_wh=(width, height)
    )


def _region(shape: "Element", where: str, told: Told) -> Region | None:
    where = f"{shape.tag} {shape.get('label', '')!r} of {where}"
    if shape.tag in LINE_KINDS:
        told.count(LINES, where)
        return None
    if shape.tag == "polygon":
        text = _text(shape, "points", where)
        points = points_of([pair.split(",") for pair in text.split(";") if pair.strip()], where)
    elif shape.tag == "mask":
        counts = [part.strip() for part in _text(shape, "rle", where).split(",")]
        box = [_whole(shape, side, where) for side in ("left", "top", *SIDES)]
        return row_runs(_counts(counts, where), (box[0], box[1], box[2], box[3]), where)
    elif shape.tag == "box":
        told.count("boxes, filled", where)
        left, top, right, bottom = (_number(shape, s, where) for s in ("xtl", "ytl", "xbr", "ybr"))
        points = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
        points = _turned(points, shape, where)
    elif shape.tag == "ellipse":
        x, y, along, across = (_number(shape, s, where) for s in ("cx", "cy", "rx", "ry"))
        points = _turned(ellipse(np.array((x, y)), (along, across)), shape, where)
    else:  # a tag says something of the whole picture
        return None
    if len(points) < 3:
        told.count(TOO_FEW, where)
        return None
    return polygons([points], where, told)


def _turned(points: np.ndarray, shape: "Element", where: str) -> np.ndarray:
    """By `rotation` degrees, clockwise as pictures are seen, about their middle."""
    angle = math.radians(_number(shape, "rotation", where)) if shape.get("rotation") else 0.0
    turn = np.array(((math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))))
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    return middle + (points - middle) @ turn


def _counts(parts: list[str], where: str) -> np.ndarray:
    counts = [whole_number(part) for part in parts]
    return counts_of(counts if min(counts) >= 0 else None, where)


def _text(element: "Element", name: str, where: str) -> str:
    value = element.get(name)
    if not value:
        raise CatseyeError(f"<{element.tag}> without {name} in {where}", "it", "export it again")
    return value


def _number(element: "Element", name: str, where: str) -> float:
    try:
        value = float(_text(element, name, where))
    except ValueError:
        value = math.nan
    if not abs(value) <= LARGEST_SIDE:
        raise CatseyeError(f"{name} {element.get(name)!r} in {where}", "a number of pixels")
    return value


def _whole(element: "Element", name: str, where: str, least: int = 0) -> int:
    value = _number(element, name, where)
    if value != int(value) or value < least:
        raise CatseyeError(f"{name} {element.get(name)!r} in {where}", "a whole number of pixels")
    return int(value)


def _colour(text: str | None) -> Colour | None:
    """#rrggbb as a colour; None for anything else."""
    try:
        value = bytes.fromhex((text or "").lstrip("#"))
    except ValueError:
        return None
    return (value[0], value[1], value[2]) if len(value) == 3 else None
