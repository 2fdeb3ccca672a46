"""Mapillary Vistas: {training,validation}/images/ and labels/ (1.2 and 2.0), with a config JSON.

The masks' ids count the labels of the config; those that it does not evaluate are void (Neuhold et
al. 2017). Panoptic masks and polygons are not read: the labels say the same.
"""

import os

import numpy as np

from catseye.runtime.classes import VOID
from catseye.runtime.datasets.mask_file import ids_from_file
from catseye.runtime.errors import CatseyeError
from catseye.training.labels.documents import json_fields, mentions
from catseye.training.labels.formats.masks import Mask, paired
from catseye.training.labels.label_set import Classes, LabelSet
from catseye.training.labels.told import Told
from catseye.training.labels.tree import Tree, split_of_folders

VERSIONS = ("v2.0", "v1.2", "")  # the newest first; "" has no folder of its own
LABELS = "labels"
MOST_LABELS = 250


def is_here(tree: Tree) -> bool:
    return bool(_configs(tree))


def read(tree: Tree, told: Told) -> LabelSet:
    """The newest version that has masks. Raises CatseyeError for a config that cannot be read, and
    where no masks lie beside it."""
    configs = _configs(tree)
    for version in VERSIONS:
        masks = [mask for mask in _masks(tree) if _version(mask.name) == version]
        own = [name for name in configs if version in name] if version else configs
        if masks and own:
            return _read(tree, own[0], masks, told)
    raise CatseyeError(
        f"no masks beside {configs[0]}", "training/v2.0/labels/*.png", "unpack the labels too"
    )


def _configs(tree: Tree) -> list[str]:
    return [
        name
        for name in tree.ending(".json")
        if os.path.basename(name).startswith("config")
        and mentions(tree.path(name), b'"labels"', b'"readable"')
    ]


def _masks(tree: Tree) -> list[Mask]:
    found = [name for name in tree.ending(".png") if name.split("/")[-2:-1] == [LABELS]]
    return [
        Mask(name, os.path.splitext(os.path.basename(name))[0], split_of_folders(name))
        for name in found
    ]


def _version(name: str) -> str:
    """The folder before labels/, where it is one of a version."""
    before = name.split("/")[-3:-2]
    return before[0] if before and before[0] in VERSIONS else ""


def _read(tree: Tree, config: str, masks: list[Mask], told: Told) -> LabelSet:
    classes, codes = Classes(), []
    for label in json_fields(tree.path(config), config).objects(
        "labels", least=1, most=MOST_LABELS
    ):
        red, green, blue = label.integers("color", (3, 3), 0, 255)
        judged = not label.has("evaluate") or label.flag("evaluate")
        codes.append(classes.code(label.text("name"), (red, green, blue)) if judged else VOID)
    table = np.array(codes, np.uint8)

    def read_ids(path: str) -> np.ndarray:
        return table[ids_from_file(path, len(table) - 1)]

    return LabelSet(classes, paired(tree, masks, read_ids, told))
