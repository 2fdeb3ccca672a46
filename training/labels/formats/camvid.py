"""CamVid: coloured masks with a table of colours, or SegNet's ids (Brostow et al. 2008).

Four layouts are about: the owners' (NAME_L.png and label_colors.txt), a copy with class_dict.csv
and train_labels/, one with codes.txt and NAME_P.png, SegNet's with trainannot/ and ids of eleven
classes. CVAT and datumaro write label_colors.txt with trainannot/.
"""

import os
import re

from catseye.runtime.classes import CAMVID
from catseye.training.labels.formats.cityscapes import is_here as is_cityscapes
from catseye.training.labels.formats.colour_table import NAMES, TABLES, rows_of
from catseye.training.labels.formats.masks import Mask, Meanings, meanings_of, paired
from catseye.training.labels.label_set import Classes, LabelSet
from catseye.training.labels.told import Told
from catseye.training.labels.tree import SPLIT_OF, Tree, split_of_folders

ANNOTATION = "annot"  # ends the folder of a split's masks
FOLDER = re.compile(r"annot|label|mask|(?<![a-z])gt(?![a-z])", re.IGNORECASE)
ENDS = ("_L", "_P")  # of the masks' names, where they have one


def is_here(tree: Tree) -> bool:
    if is_cityscapes(tree):
        return False
    return bool(_masks(tree)) and bool(_tables(tree) or _segnet_masks(tree))


def read(tree: Tree, told: Told) -> LabelSet:
    """All splits. Raises CatseyeError for a table that cannot be read."""
    classes, tables = Classes(), _tables(tree)
    masks = _masks(tree) if tables else _segnet_masks(tree)
    if tables:
        meanings = meanings_of(rows_of(tree.path(tables[0])), classes, tables[0])
    else:
        meanings = _segnet(classes)
    return LabelSet(classes, paired(tree, masks, meanings.read, told))


def _tables(tree: Tree) -> list[str]:
    return tree.called(*TABLES) or tree.called(NAMES)


def _masks(tree: Tree) -> list[Mask]:
    found = [name for name in tree.ending(".png") if FOLDER.search(os.path.dirname(name))]
    return [_mask(name) for name in found]


def _segnet_masks(tree: Tree) -> list[Mask]:
    return [mask for mask in _masks(tree) if _folder(mask.name).endswith(ANNOTATION)]


def _folder(name: str) -> str:
    return os.path.basename(os.path.dirname(name)).lower()


def _mask(name: str) -> Mask:
    stem = os.path.splitext(os.path.basename(name))[0]
    stem = stem[:-2] if stem.endswith(ENDS) else stem
    folder = _folder(name)
    split = SPLIT_OF.get(folder[: -len(ANNOTATION)] if folder.endswith(ANNOTATION) else "", "")
    return Mask(name, stem, split or split_of_folders(name))


def _segnet(classes: Classes) -> Meanings:
    rows = [*zip(CAMVID.names, CAMVID.colours_rgb), ("void", None)]
    return meanings_of(rows, classes, "SegNet's table of CamVid's classes")
