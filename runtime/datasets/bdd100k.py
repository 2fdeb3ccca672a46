"""BDD100K's drivable area (Yu et al. 2020) as road or not road.

Layout: `images/100k/{train,val}/*.jpg` with `labels/drivable/masks/{train,val}/*.png`, pixel 0 =
the own lane (direct), 1 = other lanes (alternative), 2 = background; both lanes are road here. The
sequence is the video, the file name up to its "-". Knows files and arrays, never networks.
"""

import os
from typing import List

import numpy as np

from catseye.runtime.classes import ROAD_OR_NOT
from catseye.runtime.datasets import subfolder
from catseye.runtime.datasets.mask_file import ids_from_file
from catseye.runtime.datasets.road_frames import RoadData, RoadSample, pictures_in

BACKGROUND, ROAD = 0, 1
ID_OF_LABEL = np.array((ROAD, ROAD, BACKGROUND), np.uint8)


def is_bdd100k(data: str) -> bool:
    return os.path.isdir(os.path.join(data, "images", "100k"))


def open_bdd100k(data: str) -> RoadData:
    """The data set in `data`."""
    return RoadData(
        "BDD100K drivable", ROAD_OR_NOT, ("train", "val"), lambda split: _split_samples(data, split)
    )


def _split_samples(data: str, split: str) -> List[RoadSample]:
    images = subfolder(data, os.path.join("images", "100k", split))
    annotations = subfolder(data, os.path.join("labels", "drivable", "masks", split))
    samples = []
    for file_name in pictures_in(images, (".jpg",)):
        stem = file_name[: -len(".jpg")]
        annotation = os.path.join(annotations, stem + ".png")
        if os.path.isfile(annotation):  # the official set lacks a few
            paths = os.path.join(images, file_name), annotation
            samples.append(RoadSample(stem, stem.split("-")[0], *paths, read_ids=_read_ids))
    return samples


def _read_ids(path: str) -> np.ndarray:
    return ID_OF_LABEL[ids_from_file(path, len(ID_OF_LABEL) - 1)]
