"""COCO: a JSON of images, categories and annotations, with polygons or run lengths.

As pycocotools, CVAT, Roboflow and Label Studio write it (cocodataset.org, Data format). The file
may lie anywhere and have any name; which split it is says its name or its folder.
"""

import os
from collections import defaultdict
from collections.abc import Sequence

from catseye.runtime.system.json_document import Fields
from catseye.training.labels.documents import json_fields, mentions
from catseye.training.labels.label_set import Classes, LabelledPicture, LabelSet
from catseye.training.labels.shapes import (
    FILE,
    LARGEST_SIDE,
    Region,
    Shape,
    column_runs,
    counts_of,
    counts_of_text,
    points_of,
    polygons,
)
from catseye.training.labels.told import BOXES, NOT_THERE, TOO_FEW, UNLABELLED, Told
from catseye.training.labels.tree import Tree, split_of_file

MOST = 50_000_000  # entries of a list
# what COCO's own tasks call their files: the same pictures seen otherwise
INSTANCES, OTHERS = "instances", ("stuff", "person_keypoints", "labels", "captions", "image_info")
OTHER_TASKS = "files of COCO's other tasks lie beside instances, left out"
LISTED_TWICE = "images are listed twice, left out where they have no outlines"


def is_here(tree: Tree) -> bool:
    return bool(_files(tree))


def read(tree: Tree, told: Told) -> LabelSet:
    """All files of a folder as one set. Raises CatseyeError for what is no such set."""
    classes, found = Classes(), []
    bare: list[tuple[str, str]] = []
    files = _files(tree)
    others = [name for name in files if _is_beside_instances(name, files)]
    for name in others:
        told.count(OTHER_TASKS, name)
    for name in sorted(set(files) - set(others)):
        found += _pictures(tree, name, classes, told, bare)
    met = {each.picture for each in found}
    for picture, file_name in bare:
        told.count(LISTED_TWICE if picture in met else UNLABELLED, file_name)
        met.add(picture)
    return LabelSet(classes, found, FILE)


def _files(tree: Tree) -> list[str]:
    return [name for name in tree.ending(".json") if _is_coco(tree.path(name))]


def _is_beside_instances(name: str, files: list[str]) -> bool:
    folder, base = os.path.split(name)
    task = next((each for each in OTHERS if base.startswith(each + "_")), "")
    return task != "" and os.path.join(folder, INSTANCES + base[len(task) :]) in files


def _is_coco(path: str) -> bool:
    """What has segments instead is a panoptic set, whose pixels lie in pictures."""
    return mentions(path, b'"images"', b'"annotations"', b'"categories"') and not mentions(
        path, b'"segments_info"'
    )


def _pictures(
    tree: Tree, name: str, classes: Classes, told: Told, bare: list[tuple[str, str]]
) -> list[LabelledPicture]:
    """The labelled pictures of one file. bare: gets path and name of those without outlines."""
    fields = json_fields(tree.path(name), name)
    codes = _codes(fields.objects("categories", least=0, most=MOST), classes)
    shapes = _shapes(fields.objects("annotations", least=0, most=MOST), codes, name, told)
    split, found = split_of_file(name), []
    keys: set[int | str] = set()
    for image in fields.objects("images", least=0, most=MOST):
        file_name, key = image.text("file_name"), _key(image, "id")
        if key in keys:  # whose outlines are whose, nobody could tell
            raise image.wrong(".id", key, "an id of its own for each image")
        keys.add(key)
        own = shapes.pop(key, [])
        picture = tree.picture(file_name, name, split)
        if not picture:
            told.count(NOT_THERE, file_name)
        elif not own:
            bare.append((tree.path(picture), file_name))
        else:
            labels = f"{file_name} in {name}"
            found.append(
                LabelledPicture(
                    tree.path(picture), file_name, split, labels, own, size_wh=_size_wh(image)
                )
            )
    told.count("images have outlines and no entry, left out", name, len(shapes))
    return found


def _codes(categories: Sequence[Fields], classes: Classes) -> dict[int | str, int]:
    """The code by a category's id. Raises CatseyeError for an id or a name that comes twice."""
    codes: dict[int | str, int] = {}
    names: set[str] = set()
    for category in categories:
        key, class_name = _key(category, "id"), category.text("name").strip()
        if key in codes or class_name in names:
            raise category.wrong("", class_name, "an id and a name of its own for each category")
        names.add(class_name)
        codes[key] = classes.code(class_name)
    return codes


def _shapes(
    annotations: Sequence[Fields], codes: dict[int | str, int], name: str, told: Told
) -> dict[int | str, list[Shape]]:
    """By the image's id, in the order of the file."""
    shapes: dict[int | str, list[Shape]] = defaultdict(list)
    for annotation in annotations:
        category = _key(annotation, "category_id")
        if category not in codes:
            raise annotation.wrong(".category_id", category, "the id of a category")
        region = _region(annotation, f"{annotation.path} of {name}", told)
        if region is not None:
            shapes[_key(annotation, "image_id")].append(Shape(codes[category], region))
    return shapes


def _region(annotation: Fields, where: str, told: Told) -> Region | None:
    """What `segmentation` outlines, None where there is none."""
    outline = annotation.raw("segmentation")
    if isinstance(outline, dict):
        return _runs(annotation.object("segmentation"), where)
    if outline is not None and not isinstance(outline, list):
        raise annotation.wrong(".segmentation", str(outline), "polygons or run lengths")
    if outline and not isinstance(outline[0], list):
        outline = [outline]  # one polygon by itself, as some tools write it
    rings = [points_of(ring, where) for ring in outline or ()]
    whole = [ring for ring in rings if len(ring) > 2]
    told.count(TOO_FEW, where, len(rings) - len(whole))
    if not rings:
        told.count(BOXES, where)
    return polygons(whole, where, told) if whole else None


def _runs(segmentation: Fields, where: str) -> Region:
    height, width = segmentation.integers("size", (2, 2), 1, LARGEST_SIDE)
    counts = segmentation.raw("counts")
    runs = counts_of_text(counts, where) if isinstance(counts, str) else counts_of(counts, where)
    return column_runs(runs, (height, width), where)


def _size_wh(image: Fields) -> tuple[int, int] | None:
    if not (image.has("width") and image.has("height")):
        return None
    return image.integer("width", 1, LARGEST_SIDE), image.integer("height", 1, LARGEST_SIDE)


def _key(fields: Fields, name: str) -> int | str:
    """An id: a whole number, or text as some tools write it."""
    value = fields.raw(name)
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise fields.wrong("." + name, value, "an id")
    return value
