"""A user's own folder of pictures and masks: `classes.json`, `images/` and `masks/`. Described in
docs/data.md.

Knows files and arrays, never networks.
"""

import os
from typing import Dict, List, Tuple

from catseye.runtime.datasets.classes_file import Legend, read_classes
from catseye.runtime.datasets.road_frames import (
    TRAINING_SPLITS,
    RoadData,
    RoadSample,
    numbers_in_order,
    pictures_in,
)
from catseye.runtime.errors import CatseyeError
from catseye.runtime.picture_files.formats import SUFFIXES

FILE = "classes.json"
SPLITS = (*TRAINING_SPLITS, "test")


def is_annotated_folder(data: str) -> bool:
    return os.path.isfile(os.path.join(data, FILE))


def open_annotated_folder(data: str) -> RoadData:
    """The data set in `data`, whose classes its classes.json names. Raises CatseyeError where that
    cannot be used."""
    classes, partials, legend = read_classes(os.path.join(data, FILE))
    name = os.path.basename(os.path.abspath(data))
    parts = _parts(data)
    if parts:
        return RoadData(
            name,
            classes,
            parts,
            lambda split: _samples(*_part_folders(data, split), legend),
            partials,
        )
    return RoadData(
        name,
        classes,
        TRAINING_SPLITS,
        lambda split: _share(_samples(*_folders(data), legend), split),
        partials,
    )


def folders_of(data: str) -> Dict[str, Tuple[str, str]]:
    """The folders of pictures and of masks by split, by "" where all lie together."""
    parts = {split: _part_folders(data, split) for split in _parts(data)}
    return parts or {"": _folders(data)}


def _parts(data: str) -> Tuple[str, ...]:
    """The splits that have folders of their own; none where all pictures lie together."""
    return tuple(split for split in SPLITS if os.path.isdir(_part_folders(data, split)[0]))


def _part_folders(data: str, split: str) -> Tuple[str, str]:
    """images/SPLIT and masks/SPLIT, or SPLIT/images and SPLIT/masks."""
    inside = os.path.join(data, split)
    return (
        _folders(inside)
        if os.path.isdir(inside)
        else tuple(  # type: ignore[return-value]
            os.path.join(folder, split) for folder in _folders(data)
        )
    )


def _folders(data: str) -> Tuple[str, str]:
    return os.path.join(data, "images"), os.path.join(data, "masks")


def _samples(images: str, masks: str, legend: Legend) -> List[RoadSample]:
    """All pictures of a folder with their masks, NAME.png each. The sequence is the name up to its
    first "_"."""
    samples: List[RoadSample] = []
    seen: Dict[str, str] = {}
    for file_name in pictures_in(images):
        stem = os.path.splitext(file_name)[0]
        if seen.setdefault(stem, file_name) != file_name:
            raise CatseyeError(
                "%s beside %s in %s" % (file_name, seen[stem], images),
                "one picture for the mask %s.png" % stem,
                "rename or remove one",
            )
        mask = os.path.join(masks, stem + ".png")
        if not os.path.isfile(mask):
            raise CatseyeError(
                "%s has no mask" % os.path.join(images, file_name),
                mask,
                "add it or remove the picture",
            )
        paths = os.path.join(images, file_name), mask
        samples.append(RoadSample(stem, stem.split("_")[0], *paths, read_ids=legend.read_ids))
    if not samples:
        raise CatseyeError(
            "no pictures in %s" % images,
            "files ending in " + ", ".join(SUFFIXES),
            "see docs/data.md",
        )
    return samples


def _share(samples: List[RoadSample], split: str) -> List[RoadSample]:
    """val is the last fifth by name, numbers in their order, one picture at least: neighbours in a
    drive look alike and must not be parted."""
    if len(samples) < 2:
        raise CatseyeError(
            "a single picture", "some to train with and some to measure with", "add more"
        )
    samples = sorted(samples, key=lambda sample: numbers_in_order(sample.name))
    first_of_val = len(samples) - max(1, len(samples) // 5)
    return samples[:first_of_val] if split == "train" else samples[first_of_val:]
