"""A user's own folder of pictures and masks: `classes.json`, `images/` and `masks/`. Described in
docs/data.md.

Knows files and arrays, never networks.
"""

import json
import os
from typing import List, NamedTuple, Optional, Tuple, Union

import numpy as np

from catseye.runtime.classes import VOID, ClassTable, Colour
from catseye.runtime.datasets.mask_file import mask_from_file
from catseye.runtime.datasets.road_frames import RoadData, RoadSample, pictures_in
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.files import read_bytes

FILE = "classes.json"
SPLITS = ("train", "val", "test")
UNKNOWN = 254
FORM = (
    '{"classes": [{"name": "Road", "id": 0, "colour": [128, 64, 128]}, ...], "void": 255, "road":'
    ' "Road"}'
)


Key = Union[int, Colour]  # what a pixel of a mask holds


class Legend(NamedTuple):
    """Class id, VOID or UNKNOWN by what a pixel holds: (65536,) uint8 for grey masks, (2^24,) uint8
    for 0xRRGGBB."""

    by_id: np.ndarray
    by_colour: np.ndarray

    def read_ids(self, path: str) -> np.ndarray:
        """(H, W) uint8 class ids or VOID. Raises CatseyeError for what is no mask, and for a pixel
        that classes.json does not know."""
        mask = mask_from_file(path)
        keys = mask if mask.ndim == 2 else _packed(mask[..., ::-1])
        ids = (self.by_id if mask.ndim == 2 else self.by_colour)[keys]
        unknown = ids == UNKNOWN
        if unknown.any():
            what = ("id %d" if mask.ndim == 2 else "colour #%06x") % keys[unknown][0]
            raise CatseyeError(
                "%s has pixels of %s" % (path, what),
                "what classes.json names",
                "add it, or set void",
            )
        return ids

    def put(self, key: Key, class_id: int) -> bool:
        """Let an id or a colour stand for a class or VOID; False where it stands for something
        already."""
        table, place = (
            (self.by_id, key)
            if isinstance(key, int)
            else (self.by_colour, int(_packed(np.array(key))))
        )
        if table[place] != UNKNOWN:
            return False
        table[place] = class_id
        return True


def is_annotated_folder(data: str) -> bool:
    return os.path.isfile(os.path.join(data, FILE))


def open_annotated_folder(data: str) -> RoadData:
    """The data set in `data`, whose classes its classes.json names. Raises CatseyeError where that
    cannot be used."""
    classes, legend = read_classes(os.path.join(data, FILE))
    name = os.path.basename(os.path.abspath(data))
    parts = _parts(data)
    if parts:
        return RoadData(
            name, classes, parts, lambda split: _samples(*_part_folders(data, split), legend)
        )
    return RoadData(
        name, classes, SPLITS[:2], lambda split: _share(_samples(*_folders(data), legend), split)
    )


def read_classes(path: str) -> Tuple[ClassTable, Legend]:
    """The class table and the legend of a classes.json. Raises CatseyeError where it cannot be
    read, or a class has no name, id and colour of its own."""
    try:
        content = json.loads(read_bytes(path).decode("utf-8"))
        entries = [
            (str(entry["name"]), _whole(entry["id"]), _colour(entry["colour"]))
            for entry in content["classes"]
        ]
        voids, road = _voids(content.get("void")), content.get("road")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CatseyeError(
            "%s cannot be used (%s)" % (path, repr(error)), FORM, "mend it as docs/data.md says"
        )
    names, ids, colours = (tuple(column) for column in zip(*entries)) if entries else ((), (), ())
    if not 2 <= len(names) < UNKNOWN or len(set(names)) < len(names):
        raise CatseyeError(
            "%s has %d classes" % (path, len(names)), "2 to %d of different names" % (UNKNOWN - 1)
        )
    if road is not None and road not in names:
        raise CatseyeError(
            "%s says that the road is %r" % (path, road), "the name of a class, or nothing"
        )
    legend = Legend(np.full(1 << 16, UNKNOWN, np.uint8), np.full(1 << 24, UNKNOWN, np.uint8))
    meanings = [(key, place) for keys in (ids, colours) for place, key in enumerate(keys)]
    for key, class_id in meanings + [(key, VOID) for key in voids]:
        if not legend.put(key, class_id):
            raise CatseyeError(
                "%s gives %s two meanings" % (path, key),
                "an id and a colour of its own for each class",
            )
    return ClassTable(names, colours, VOID if road is None else names.index(road)), legend


def _voids(value: object) -> List[Key]:
    """What says nothing: nothing, an id, a colour, or a list of ids and colours."""
    if value is None:
        return []
    several = value if isinstance(value, list) and _as_colour(value) is None else [value]
    return [_as_colour(each) or _whole(each) for each in several]


def _packed(colours: np.ndarray) -> np.ndarray:
    """(..., 3) RGB -> (...,) 0xRRGGBB."""
    return colours.astype(np.int64) @ np.array((1 << 16, 1 << 8, 1))


def _as_colour(value: object) -> Optional[Colour]:
    """[red, green, blue] as a colour; None for anything else."""
    if not isinstance(value, list) or len(value) != 3:
        return None
    if not all(isinstance(part, int) and 0 <= part <= 255 for part in value):
        return None
    return value[0], value[1], value[2]


def _colour(value: object) -> Colour:
    colour = _as_colour(value)
    if colour is None:
        raise ValueError("colour %r is not [red, green, blue], each 0 to 255" % (value,))
    return colour


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 65535:
        raise ValueError("id %r is no whole number from 0 to 65535" % (value,))
    return value


def _parts(data: str) -> Tuple[str, ...]:
    """The splits that have folders of their own, train and val at least; none where all pictures
    lie together."""
    found = tuple(split for split in SPLITS if os.path.isdir(_part_folders(data, split)[0]))
    if found and found[:2] != SPLITS[:2]:
        raise CatseyeError(
            "only %s in %s" % (", ".join(found), data), "train and val", "move some pictures over"
        )
    return found


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
    samples = []
    for file_name in pictures_in(images):
        stem = os.path.splitext(file_name)[0]
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
        raise CatseyeError("no pictures in %s" % images, ".png or .jpg files", "see docs/data.md")
    return samples


def _share(samples: List[RoadSample], split: str) -> List[RoadSample]:
    """val is the last fifth by name, one picture at least: neighbours in a drive look alike and
    must not be parted."""
    if len(samples) < 2:
        raise CatseyeError(
            "a single picture", "some to train with and some to measure with", "add more"
        )
    first_of_val = len(samples) - max(1, len(samples) // 5)
    return samples[:first_of_val] if split == "train" else samples[first_of_val:]
