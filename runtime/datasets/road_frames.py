"""Annotated road frames, whatever data set they are from: a sample that is read when asked, and a
choice of samples.

A module per layout makes them (see `road.py`). Knows files and arrays, never networks.
"""

import os
import re
from typing import Callable, Iterable, List, NamedTuple, Optional, Tuple, Union

import numpy as np

from catseye.runtime.classes import VOID, ClassTable, listed
from catseye.runtime.datasets.mask_file import mask_from_file, mask_orientation
from catseye.runtime.datasets.partial import PartialLabel
from catseye.runtime.errors import CatseyeError
from catseye.runtime.picture_files.base import UPRIGHT
from catseye.runtime.picture_files.formats import SUFFIXES
from catseye.runtime.picture_files.orientation import upright
from catseye.runtime.picture_files.reading import StoredPicture, stored_picture
from catseye.runtime.street.kept import Moment, kept_street

TRAINING_SPLITS = ("train", "val")


class RoadSample(NamedTuple):
    """One annotated frame, read when asked. name: file stem; sequence: the drive it was cut from.

    read_ids: annotation path -> (H, W) uint8 class ids, codes of partial labels (partial.py) or
    VOID. Without an image_path it is the synthetic street of `seed`, with kerbs or without. codes:
    what each code becomes, 256 bytes; none: they stay.
    """

    name: str
    sequence: str
    image_path: str = ""
    annotation_path: str = ""
    seed: int = 0
    read_ids: Callable[[str], np.ndarray] = mask_from_file
    codes: bytes = b""
    kerbs: bool = True

    def read(self) -> Tuple[np.ndarray, np.ndarray]:
        """(H, W, 3) uint8 BGR and (H, W) uint8 ids as `read_ids` gives them. Raises CatseyeError
        where they cannot be read, or differ in size."""
        image, mask = self._read()
        return image, np.frombuffer(self.codes, np.uint8)[mask] if self.codes else mask

    def _read(self) -> Tuple[np.ndarray, np.ndarray]:
        if not self.image_path:
            return kept_street(Moment(self.seed, (480, 360), self.kerbs, self.seed % 7))
        image, mask = self._upright(
            stored_picture(self.image_path), self.read_ids(self.annotation_path)
        )
        if image.shape[:2] != mask.shape:
            found = "%s has %d x %d pixels" % (self.annotation_path, mask.shape[1], mask.shape[0])
            raise CatseyeError(
                found, "the size of its image, %d x %d" % (image.shape[1], image.shape[0])
            )
        return image, mask

    def _upright(self, picture: StoredPicture, mask: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
        """Both turned as EXIF says. Raises CatseyeError where it says so of one alone, unless the
        mask has the size that only the turned picture has, as labelling tools write it."""
        image, turn = upright(picture.pixels, picture.orientation), picture.orientation
        turn_of_mask = mask_orientation(self.annotation_path)
        if turn_of_mask == turn:
            return image, upright(mask, turn)
        by_its_size = image.shape[:2] == mask.shape != picture.pixels.shape[:2]
        if turn_of_mask == UPRIGHT and by_its_size:
            return image, mask
        raise CatseyeError(
            "EXIF's orientation is %d of %s and %d of %s"
            % (turn, self.image_path, turn_of_mask, self.annotation_path),
            "the same one, so that both are turned alike",
            "store both as they are seen, without an orientation",
        )


class RoadData(NamedTuple):
    """A data set of road frames: its name for people, its classes, its splits, how one is listed,
    and its partial labels in the order of their codes."""

    name: str
    classes: ClassTable
    splits: Tuple[str, ...]
    list_split: Callable[[str], List[RoadSample]]
    partials: Tuple[PartialLabel, ...] = ()

    def samples(self, split: str, hold_out: Optional[str] = None) -> List[RoadSample]:
        """The frames of a split, or of one sequence over train and val; `hold_out` names a sequence
        to leave out. Raises CatseyeError where there is no such split or sequence, or nothing is
        left."""
        splits = (split,) if split in self.splits else tuple(s for s in self.splits if s != "test")
        samples = [sample for name in splits for sample in self.list_split(name)]
        known = sorted({sample.sequence for sample in samples})
        if split not in self.splits:
            # pictures called val_01.png in train are no val: who learned them is not judged by them
            may_be_named = split not in TRAINING_SPLITS
            samples = [s for s in samples if may_be_named and s.sequence == split]
        if not samples:
            raise CatseyeError(
                "no %r in %s" % (split, self.name),
                _one_of(self.splits + tuple(known)),
                "training needs train and val; eval takes one with --split"
                if split in TRAINING_SPLITS
                else "",
            )
        if hold_out is not None and hold_out not in known:
            raise CatseyeError("no sequence %r in %s" % (hold_out, self.name), _one_of(known))
        kept = [sample for sample in samples if sample.sequence != hold_out]
        if not kept:
            raise CatseyeError(
                "no frames left in %s without %s" % (self.name, hold_out),
                "another sequence beside it",
            )
        return kept


def class_frequencies(masks: Iterable[np.ndarray], classes: int) -> np.ndarray:
    """Share of each class among the labelled pixels: (classes,) float64."""
    counts = np.zeros(VOID + 1, np.int64)
    for mask in masks:
        counts += np.bincount(mask.ravel(), minlength=VOID + 1)
    return counts[:classes] / max(counts[:classes].sum(), 1)


def numbers_in_order(name: str) -> List[Union[str, int]]:
    """What to sort frames of a drive by: frame9 before frame10, for neighbours look alike."""
    parts = re.split(r"([0-9]+)", name)
    return [int(part) if place % 2 else part for place, part in enumerate(parts)]


def pictures_in(folder: str, suffixes: Tuple[str, ...] = SUFFIXES) -> List[str]:
    """Sorted names of the pictures in a folder, hidden ones left out; an empty list where there is
    no folder."""
    if not os.path.isdir(folder):
        return []
    ends = tuple(suffix.lower() for suffix in suffixes)
    return sorted(
        n for n in os.listdir(folder) if n.lower().endswith(ends) and not n.startswith(".")
    )


def _one_of(names: Iterable[str]) -> str:
    return "one of " + listed(list(names))
