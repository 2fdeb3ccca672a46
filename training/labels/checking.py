"""What is in a set of our own kind, and what is wrong with it: all of it, not the first alone.

Knows sets (docs/data.md); not networks.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np

from catseye.runtime.classes import VOID
from catseye.runtime.datasets.annotated_folder import (
    FILE,
    SPLITS,
    folders_of,
    is_annotated_folder,
)
from catseye.runtime.datasets.classes_file import (
    UNKNOWN,
    ClassesFile,
    Legend,
    key_text,
    read_classes,
)
from catseye.runtime.datasets.road_frames import RoadSample, pictures_in
from catseye.runtime.errors import CatseyeError
from catseye.runtime.pictures import save_png
from catseye.runtime.tasks.road_mask import RoadMask
from catseye.training.labels.told import Told, Watched
from catseye.training.road.sets import name_of_its_own

EXAMPLES = 12
NO_MASK = "pictures without mask"
NO_PICTURE = "masks without picture"
BESIDE = "pictures beside the folders of pictures: of no split"
TWO_PICTURES = "pictures of the same name: they would share a mask"
UNREADABLE = "files that cannot be used"
NO_NAME = "pixels of %s, which classes.json does not name"


class ClassCount(NamedTuple):
    """Of one class: pixels, and pictures that have any."""

    pixels: int
    pictures: int


class Findings(NamedTuple):
    """pictures: by split.  sizes: pictures by "WIDTHxHEIGHT".  classes: by name, "void" last.
    road: its name or None."""

    pictures: dict[str, int]
    sizes: dict[str, int]
    classes: dict[str, ClassCount]
    road: str | None


class Pair(NamedTuple):
    """A picture with its mask. split: "" where there are none."""

    split: str
    name: str
    picture: str
    mask: str


def check_set(data: str, wrong: Told, watched: Watched, examples: str = "") -> Findings:
    """Look at all pictures and masks of the set in `data`; what is wrong is counted. examples: a
    folder that gets some of them with their masks drawn over. Raises CatseyeError for what is no
    set."""
    said = classes_of(data)
    pairs = pairs_of(data, wrong)
    drawn = set(range(0, len(pairs), max(1, -(-len(pairs) // EXAMPLES)))) if examples else set()
    sizes, pixels, having = Counter[str](), np.zeros(VOID + 1, np.int64), np.zeros(VOID + 1, int)
    for number, pair in enumerate(watched(pairs, "pictures")):
        try:
            image, codes = read_pair(pair, partial(_codes, legend=said.legend, wrong=wrong))
        except CatseyeError as error:
            wrong.count(UNREADABLE, str(error))
            continue
        sizes[f"{image.shape[1]}x{image.shape[0]}"] += 1
        counts = np.bincount(codes.ravel(), minlength=VOID + 1)
        pixels += counts
        having += counts > 0
        if number in drawn:
            known = np.where(codes < len(said.classes.names), codes, VOID).astype(np.uint8)
            save_png(_example(examples, pair), RoadMask(known, said.classes).drawn_on(image))
    table = said.classes
    names = list(table.names)
    for each in said.partials:
        names.append(name_of_its_own(each.text(table.names), names))
    counted = {name: ClassCount(int(pixels[i]), int(having[i])) for i, name in enumerate(names)}
    counted["void"] = ClassCount(int(pixels[VOID]), int(having[VOID]))
    road = None if table.road == VOID else table.names[table.road]
    return Findings(dict(Counter(pair.split for pair in pairs)), dict(sizes), counted, road)


def pairs_of(data: str, wrong: Told) -> list[Pair]:
    """The pictures of a set with their masks, by split and name; what has no partner or no split
    is counted."""
    folders = folders_of(data)
    known = {folder for both in folders.values() for folder in both}
    for name in ("images", *SPLITS):
        folder = os.path.join(data, name)
        for picture in pictures_in(folder) if folder not in known else ():
            wrong.count(BESIDE, os.path.join(folder, picture))
    return [
        pair
        for split, (images, masks) in folders.items()
        for pair in _pairs(split, images, masks, wrong)
    ]


def classes_of(data: str) -> ClassesFile:
    """What the classes.json of a set says. Raises CatseyeError for what is no set."""
    if not is_annotated_folder(data):
        raise CatseyeError(
            f"no {FILE} in {data}", "a set of our own kind", "catseye data import makes one"
        )
    return read_classes(os.path.join(data, FILE))


def _pairs(split: str, images: str, masks: str, wrong: Told) -> Iterator[Pair]:
    there = set(pictures_in(masks, (".png",)))
    seen: dict[str, str] = {}
    for name in pictures_in(images):
        stem = os.path.splitext(name)[0]
        picture, mask = os.path.join(images, name), stem + ".png"
        if stem in seen:
            wrong.count(TWO_PICTURES, picture)
        elif mask not in there:
            wrong.count(NO_MASK, picture)
        else:
            yield Pair(split, stem, picture, os.path.join(masks, mask))
        seen[stem] = name
    for mask in sorted(there):
        if os.path.splitext(mask)[0] not in seen:
            wrong.count(NO_PICTURE, os.path.join(masks, mask))


def read_pair(pair: Pair, read_ids: Callable[[str], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """(H, W, 3) uint8 BGR and (H, W) uint8 codes as `train` reads them. Raises CatseyeError where
    they cannot be read or do not fit."""
    return RoadSample(pair.name, "", pair.picture, pair.mask, read_ids=read_ids).read()


def _codes(path: str, legend: Legend, wrong: Told) -> np.ndarray:
    """(H, W) uint8; pixels without a name are counted and void."""
    keys, codes = legend.looked_up(path)
    unknown = codes == UNKNOWN
    for key, count in zip(*np.unique(keys[unknown], return_counts=True)):
        wrong.count(NO_NAME % key_text(keys, key), path, int(count))
    return np.where(unknown, VOID, codes).astype(np.uint8)


def _example(folder: str, pair: Pair) -> str:
    return os.path.join(folder, "-".join(filter(None, (pair.split, pair.name))) + ".png")
