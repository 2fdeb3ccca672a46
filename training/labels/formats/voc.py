"""Pascal VOC segmentation: SegmentationClass/*.png beside JPEGImages/, splits in ImageSets/.

As the challenge itself, CVAT, datumaro (labelmap.txt) and labelme's converter (class_names.txt)
write it: palette, colour or grey, all by the same table (Everingham et al. 2010).
"""

import os

from catseye.runtime.classes import VOID, Colour
from catseye.training.labels.documents import lines_of
from catseye.training.labels.formats.colour_table import LABELMAP, rows_of, with_colours
from catseye.training.labels.formats.masks import (
    Mask,
    Meanings,
    let_be_void,
    meanings_of,
    paired,
)
from catseye.training.labels.label_set import Classes, LabelledPicture, LabelSet
from catseye.training.labels.told import Told
from catseye.training.labels.tree import SPLITS, Tree, split_of_folders

MASKS, PICTURES = "SegmentationClass", "JPEGImages"
NAMES = "class_names.txt"
BORDER: Colour = (224, 224, 192)  # between objects: void
CLASSES = (
    "background aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse"
    " motorbike person pottedplant sheep sofa train tvmonitor"
).split()


def is_here(tree: Tree) -> bool:
    return any(_is_mask(name) for name in tree.ending(".png"))


def read(tree: Tree, told: Told) -> LabelSet:
    """All folders of masks. Raises CatseyeError for a table that cannot be read."""
    classes, found = Classes(), []
    masks = [name for name in tree.ending(".png") if _is_mask(name)]
    for base in sorted({_base(name) for name in masks}):
        own = [name for name in masks if _base(name) == base]
        found += _pictures(tree, base, own, classes, told)
    return LabelSet(classes, found)


def _is_mask(name: str) -> bool:
    return MASKS in name.split("/")[:-1]


def _base(name: str) -> str:
    """What comes before SegmentationClass/, with its "/"."""
    return name[: name.index(MASKS + "/")]


def _pictures(
    tree: Tree, base: str, names: list[str], classes: Classes, told: Told
) -> list[LabelledPicture]:
    splits = _splits(tree, base)
    masks = []
    for name in names:
        stem = os.path.splitext(name[len(base + MASKS) + 1 :])[0]
        masks.append(
            Mask(name, f"{PICTURES}/{stem}", splits.get(stem, "") or split_of_folders(name))
        )
    return paired(tree, masks, _meanings(tree, base, classes).read, told)


def _splits(tree: Tree, base: str) -> dict[str, str]:
    splits: dict[str, str] = {}
    for split in SPLITS:
        name = f"{base}ImageSets/Segmentation/{split}.txt"
        if tree.has(name):
            splits.update({line: split for line in lines_of(tree.path(name))})
    return splits


def _meanings(tree: Tree, base: str, classes: Classes) -> Meanings:
    if tree.has(base + LABELMAP):
        source = base + LABELMAP
        rows = rows_of(tree.path(source))
    elif tree.has(base + NAMES):
        source = base + NAMES
        rows = with_colours([(name, None) for name in lines_of(tree.path(source))])
    else:
        source = "Pascal VOC's table of 21 classes"
        rows = with_colours([(name, None) for name in CLASSES])
    meanings = meanings_of(rows, classes, source)
    let_be_void(meanings.legend, VOID, BORDER)
    return meanings
