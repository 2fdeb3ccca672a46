"""Roboflow's "Semantic Segmentation Masks": NAME.jpg, NAME_mask.png and _classes.csv in each split.

Pixels hold the numbers of the csv. Roboflow's other exports are COCO and YOLO.
"""

import csv
import os

from catseye.runtime.datasets.classes_file import empty_legend
from catseye.runtime.errors import CatseyeError
from catseye.training.labels.documents import lines_of, whole_number
from catseye.training.labels.formats.masks import Mask, Meanings, mean, paired
from catseye.training.labels.label_set import Classes, LabelledPicture, LabelSet
from catseye.training.labels.told import Told
from catseye.training.labels.tree import Tree, split_of_folders

CLASSES, END = "_classes.csv", "_mask.png"


def is_here(tree: Tree) -> bool:
    return bool(tree.called(CLASSES) and tree.ending(END))


def read(tree: Tree, told: Told) -> LabelSet:
    """All splits. Raises CatseyeError for a csv that cannot be read."""
    classes = Classes()
    found: list[LabelledPicture] = []
    for table in tree.called(CLASSES):
        folder = os.path.dirname(table)
        masks = [
            Mask(name, os.path.basename(name)[: -len(END)], split_of_folders(name))
            for name in tree.ending(END)
            if os.path.dirname(name) == folder
        ]
        found += paired(tree, masks, _meanings(tree.path(table), table, classes).read, told)
    return LabelSet(classes, found)


def _meanings(path: str, source: str, classes: Classes) -> Meanings:
    legend = empty_legend(False)
    for row in list(csv.reader(lines_of(path)))[1:]:  # Pixel Value, Class
        cells = [cell.strip() for cell in row]
        number = whole_number(cells[0])
        if len(cells) != 2 or not 0 <= number < 256:
            raise CatseyeError(f"{source} has {','.join(row)[:60]!r}", "a number to 255, a class")
        mean(legend, number, classes.code(cells[1]), source)
    return Meanings(legend, source)
