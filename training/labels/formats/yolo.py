"""YOLO segmentation: a text file for each picture, `class x y x y ...` in shares of its size.

As ultralytics, Roboflow and CVAT write it: names stand in data.yaml (or in classes.txt), labels/
mirrors images/. A file without lines is a picture without any of the classes; a picture
without a file has no labels. Small shapes lie over large ones, as ultralytics draws them.
"""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from catseye.runtime.errors import CatseyeError
from catseye.training.labels.documents import lines_of, text_of, whole_number, yaml_document
from catseye.training.labels.label_set import Classes, LabelledPicture, LabelSet
from catseye.training.labels.shapes import SMALL, Region, Shape, points_of, polygons
from catseye.training.labels.told import BOXES, UNLABELLED, Told
from catseye.training.labels.tree import SPLIT_OF, Tree, split_of_folders

IMAGES, LABELS = "images", "labels"
NAMES = ("classes.txt", "obj.names")
BOX = 5  # fields of a line: a class, a middle, a size
TOLERANCE = 0.5  # shares beyond 0 and 1: what is further out is in pixels
FIX = "export it again, as YOLO segmentation"


def is_here(tree: Tree) -> bool:
    return bool(_yaml_files(tree)) or bool(
        tree.called(*NAMES) and any(LABELS in n.split("/")[:-1] for n in tree.ending(".txt"))
    )


def read(tree: Tree, told: Told) -> LabelSet:
    """The set of a data.yaml, or of a classes.txt. Raises CatseyeError for what is none, names or
    classes that are missing, and boxes alone."""
    classes = Classes()
    folders: dict[str, str] = {}
    yamls = _yaml_files(tree)
    if len(yamls) > 1:
        raise CatseyeError(f"{' and '.join(yamls[:2])}", "one of them", "import one by one")
    if yamls:
        document = yaml_document(tree.path(yamls[0]))
        codes = _codes(yamls[0], document.get("names"), classes)
        folders = _split_folders(yamls[0], document)
    else:
        names = tree.called(*NAMES)[0]
        codes = {i: classes.code(name) for i, name in enumerate(lines_of(tree.path(names)))}
    found = [_picture(tree, name, codes, folders, told) for name in tree.pictures()]
    pictures = [each for each in found if each is not None]
    if not any(each.shapes for each in pictures):
        raise CatseyeError(f"no outlines in {tree.root}", "class x y x y x y ... in labels/", FIX)
    return LabelSet(classes, pictures, SMALL)


def _yaml_files(tree: Tree) -> list[str]:
    return [
        name
        for name in tree.ending(".yaml", ".yml")
        if any(line.startswith("names:") for line in _lines(tree.path(name)))
    ]


def _lines(path: str) -> list[str]:
    try:
        return text_of(path).splitlines()
    except CatseyeError:
        return []


def _codes(name: str, names: Any, classes: Classes) -> dict[int, int]:
    """The code by a line's class: names are a list, or a mapping of numbers."""
    listed = dict(enumerate(names)) if isinstance(names, list) else names
    if not isinstance(listed, dict) or not all(
        isinstance(key, int) and isinstance(value, (str, int)) for key, value in listed.items()
    ):
        raise CatseyeError(
            f"{name} has no class names", "names: [road, car] or names: {0: road}", FIX
        )
    if any(isinstance(value, bool) for value in listed.values()):
        raise CatseyeError(
            f"{name} has a class called yes, no, on, off, true or false: a boolean to YAML",
            "a name",
            'put it in quotes: names: ["yes", "no"]',
        )
    codes = {key: classes.code(str(value)) for key, value in listed.items()}
    if len(set(codes.values())) < len(codes):
        raise CatseyeError(f"{name} has one class name twice", "a name of its own for each class")
    return codes


def _split_folders(name: str, document: dict[str, Any]) -> dict[str, str]:
    """The split by the folder that a data.yaml names for it, relative to the tree."""
    folders: dict[str, str] = {}
    for word, split in SPLIT_OF.items():
        value = document.get(word)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str):
                for base in (str(document.get("path", "")), ""):
                    path = os.path.normpath(os.path.join(os.path.dirname(name), base, each))
                    folders.setdefault(path.replace(os.sep, "/"), split)
    return folders


def _picture(
    tree: Tree, name: str, codes: dict[int, int], folders: dict[str, str], told: Told
) -> LabelledPicture | None:
    labels = _labels_of(tree, name)
    if not labels:
        told.count(UNLABELLED, name)
        return None
    lines = lines_of(tree.path(labels))
    shapes = [
        Shape(code, region)
        for number, line in enumerate(lines, 1)
        for code, region in _shape(line, f"line {number} of {labels}", codes, told)
    ]
    if not shapes and lines:
        return None  # boxes alone, which are told of
    split = _split_of(name, folders)
    inside = name.split("/")
    below = inside[_place_of_images(inside) + 1 :]
    own = "/".join(part for part in below if part not in SPLIT_OF)
    return LabelledPicture(tree.path(name), own or inside[-1], split, labels, shapes)


def _split_of(name: str, folders: dict[str, str]) -> str:
    parts = name.split("/")
    above = ("/".join(parts[:end]) for end in range(len(parts) - 1, 0, -1))
    return next((folders[f] for f in above if f in folders), "") or split_of_folders(name)


def _place_of_images(parts: Sequence[str]) -> int:
    """Of the innermost images/, -1 where there is none."""
    return len(parts) - 1 - parts[::-1].index(IMAGES) if IMAGES in parts else -1


def _labels_of(tree: Tree, picture: str) -> str:
    """The text file of a picture: in labels/ where it lies in images/, else beside it; "" where
    there is none."""
    stem = os.path.splitext(picture)[0]
    parts = stem.split("/")
    at = _place_of_images(parts)
    if at >= 0:
        stem = "/".join([*parts[:at], LABELS, *parts[at + 1 :]])
    return stem + ".txt" if tree.has(stem + ".txt") else ""


def _shape(
    line: str, where: str, codes: dict[int, int], told: Told
) -> Sequence[tuple[int, Region]]:
    """One shape, or none of a box."""
    fields = line.split()
    number = whole_number(fields[0])
    if number not in codes:
        raise CatseyeError(f"{where} has class {fields[0][:20]!r}", "one that data.yaml names")
    if len(fields) == BOX:
        told.count(BOXES, where)
        return ()
    shares = points_of(fields[1:], where)
    if len(shares) < 3:
        raise CatseyeError(f"{where} has {len(shares)} points", "three at least", FIX)
    if shares.min() < -TOLERANCE or shares.max() > 1 + TOLERANCE:
        raise CatseyeError(f"{where} has a point at {shares.max():g}", "shares from 0 to 1", FIX)

    def region(height: int, width: int) -> tuple[int, int, np.ndarray]:
        return polygons([shares * (width, height)], where, told)(height, width)

    return ((codes[number], region),)
