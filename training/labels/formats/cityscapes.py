"""Cityscapes: gtFine (or gtCoarse) beside leftImg8bit, in the benchmark's nineteen classes.

The rest of the labels is void, as in the benchmark (Cordts et al. 2016). As CVAT and datumaro write
it, a label_colors.txt names other classes: then the coloured masks are read.
"""

import os

from catseye.runtime.classes import VOID
from catseye.runtime.datasets.cityscapes import BENCHMARK, BENCHMARK_LABELS
from catseye.runtime.datasets.classes_file import UNKNOWN, empty_legend
from catseye.training.labels.formats.colour_table import TABLES, rows_of
from catseye.training.labels.formats.masks import Mask, Meanings, mean, meanings_of, paired
from catseye.training.labels.label_set import Classes, LabelSet
from catseye.training.labels.told import Told
from catseye.training.labels.tree import Tree, split_of_folders

KINDS = ("_gtFine", "_gtCoarse")
IDS, COLOURS = "_labelIds.png", "_color.png"
PICTURE = "_leftImg8bit"


def is_here(tree: Tree) -> bool:
    return any(_masks(tree, end) for end in (IDS, COLOURS))


def read(tree: Tree, told: Told) -> LabelSet:
    """All cities. Raises CatseyeError for a table that cannot be read."""
    classes = Classes()
    tables = tree.called(*TABLES)
    own = tables and bool(_masks(tree, COLOURS))
    end = COLOURS if own or not _masks(tree, IDS) else IDS
    if own:
        meanings = meanings_of(rows_of(tree.path(tables[0])), classes, tables[0])
    else:
        meanings = _benchmark(classes)
    return LabelSet(classes, paired(tree, _masks(tree, end), meanings.read, told))


def _masks(tree: Tree, end: str) -> list[Mask]:
    """Those of the finer kind, where both are there."""
    for kind in KINDS:
        found = [name for name in tree.files if name.endswith(kind + end)]
        if found:
            return [_mask(name, len(kind + end)) for name in found]
    return []


def _mask(name: str, end: int) -> Mask:
    return Mask(name, os.path.basename(name)[:-end] + PICTURE, split_of_folders(name))


def _benchmark(classes: Classes) -> Meanings:
    legend, source = empty_legend(True), "Cityscapes' table of labels"
    for name, colour, label in zip(BENCHMARK.names, BENCHMARK.colours_rgb, BENCHMARK_LABELS):
        code = classes.code(name, colour)
        mean(legend, label, code, source)
        mean(legend, colour, code, source)
    legend.by_id[:256][legend.by_id[:256] == UNKNOWN] = VOID
    legend.by_colour[legend.by_colour == UNKNOWN] = VOID
    return Meanings(legend, source)
