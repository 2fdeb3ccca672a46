"""Formats of labels: a module for each tool's files, `is_here(tree)` and `read(tree, told)`."""

from collections.abc import Callable
from typing import NamedTuple

from catseye.runtime.errors import CatseyeError
from catseye.training.labels.documents import json_document
from catseye.training.labels.formats import (
    camvid,
    cityscapes,
    coco,
    cvat,
    labelme,
    mapillary,
    roboflow,
    voc,
    yolo,
)
from catseye.training.labels.label_set import LabelSet
from catseye.training.labels.told import Told
from catseye.training.labels.tree import Tree


class Format(NamedTuple):
    """is_here: whether a folder holds files of it.  read: all of them as one set."""

    is_here: Callable[[Tree], bool]
    read: Callable[[Tree, Told], LabelSet]


FORMATS = {
    "coco": Format(coco.is_here, coco.read),
    "labelme": Format(labelme.is_here, labelme.read),
    "cvat": Format(cvat.is_here, cvat.read),
    "yolo": Format(yolo.is_here, yolo.read),
    "voc": Format(voc.is_here, voc.read),
    "cityscapes": Format(cityscapes.is_here, cityscapes.read),
    "camvid": Format(camvid.is_here, camvid.read),
    "mapillary": Format(mapillary.is_here, mapillary.read),
    "roboflow": Format(roboflow.is_here, roboflow.read),
}


def demand_whole(tree: Tree) -> None:
    """Raises CatseyeError where the first JSON file, by which a format is known, is cut off."""
    for name in tree.ending(".json")[:1]:
        json_document(tree.path(name))


def format_of(tree: Tree) -> str:
    """The name of the one format that a folder holds. Raises CatseyeError for none or several."""
    found = [name for name, each in FORMATS.items() if each.is_here(tree)]
    if len(found) == 1:
        return found[0]
    if found:
        raise CatseyeError(
            f"{tree.root} holds labels as {' and as '.join(found)}",
            "one format",
            f"name it, as in --format {found[0]}",
        )
    demand_whole(tree)
    raise CatseyeError(
        f"no labels known here in {tree.root} ({len(tree.files)} files)",
        "those of " + ", ".join(FORMATS),
        "see docs/data.md for what to export",
    )
