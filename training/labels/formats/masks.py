"""What the formats of masks share: pictures beside their masks, and what a mask's pixels stand for.

Masks are read by the one reader of masks (mask_file.py). Knows pairs of files, no layout.
"""

import os
from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

import numpy as np

from catseye.runtime.classes import VOID, Colour
from catseye.runtime.datasets.classes_file import Legend, empty_legend
from catseye.runtime.errors import CatseyeError
from catseye.training.labels.label_set import Classes, LabelledPicture
from catseye.training.labels.told import Told
from catseye.training.labels.tree import Tree

NO_PICTURE = "masks without their picture, left out"
NO_MASK = "pictures without a mask, left out"


class Mask(NamedTuple):
    """name: of the mask file.  stem: of its picture, without end.  split: or ""."""

    name: str
    stem: str
    split: str


class Meanings(NamedTuple):
    """legend: what pixels stand for.  source: the file that says so, for errors."""

    legend: Legend
    source: str

    def read(self, path: str) -> np.ndarray:
        """(H, W) uint8 codes of a mask. Raises CatseyeError for what is none, and for a pixel
        without a meaning."""
        return self.legend.read_ids(path, self.source)


def paired(
    tree: Tree, masks: Iterable[Mask], read: Callable[[str], np.ndarray], told: Told
) -> list[LabelledPicture]:
    """The pictures of the masks; what has no partner is told of. read: path -> (H, W) codes."""
    masks = sorted(masks)
    known, found, used = {mask.name for mask in masks}, [], set()
    for mask in masks:
        picture = tree.picture(mask.stem, mask.name, mask.split, known)
        if not picture:
            told.count(NO_PICTURE, mask.name)
            continue
        used.add(picture)
        codes = partial(read, tree.path(mask.name))
        found.append(
            LabelledPicture(tree.path(picture), picture, mask.split, mask.name, mask=codes)
        )
    folders = {os.path.dirname(name) for name in used}
    for name in tree.pictures():
        if os.path.dirname(name) in folders and name not in known and name not in used:
            told.count(NO_MASK, name)
    return found


def mean(legend: Legend, key: int | Colour, code: int, source: str) -> None:
    """Let an id or a colour stand for a code. Raises CatseyeError where it has another meaning."""
    if legend.put(key, code):
        return
    table = legend.by_id[key] if isinstance(key, int) else None
    if table is None:
        red, green, blue = key  # type: ignore[misc]
        table = legend.by_colour[red << 16 | green << 8 | blue]
    if table != code:
        raise CatseyeError(
            f"{source} gives {key} two meanings", "an id and a colour of its own for each class"
        )


def meanings_of(
    rows: Iterable[tuple[str, Colour | None]], classes: Classes, source: str
) -> Meanings:
    """Of a list of names, each with its colour or None: ids count the rows from 0."""
    rows = list(rows)
    legend = empty_legend(any(colour for _, colour in rows))
    for number, (name, colour) in enumerate(rows):
        code = classes.code(name, colour)
        mean(legend, number, code, source)
        if colour is not None:
            mean(legend, colour, code, source)
    return Meanings(legend, source)


def let_be_void(legend: Legend, *keys: int | Colour) -> None:
    """Keys that say nothing, unless they are a class."""
    for key in keys:
        legend.put(key, VOID)
