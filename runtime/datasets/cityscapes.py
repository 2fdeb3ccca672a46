"""Cityscapes (Cordts et al. 2016), brought to CamVid's eleven classes.

Layout: `leftImg8bit/{train,val}/CITY/*_leftImg8bit.png` with
`gtFine/{train,val}/CITY/*_gtFine_labelIds.png`. The sequence is the city. The test split's
annotation is not public. Knows files and arrays, never networks.
"""

import os
from typing import List

import numpy as np

from catseye.runtime.classes import CAMVID, NAMES, VOID
from catseye.runtime.datasets import subfolder
from catseye.runtime.datasets.mask_file import ids_from_file
from catseye.runtime.datasets.road_frames import RoadData, RoadSample, pictures_in

IMAGE_END, ANNOTATION_END = "_leftImg8bit.png", "_gtFine_labelIds.png"

# by Cityscapes' labelId; the rest (ground, parking, rail track, static, dynamic, ego vehicle, ...)
# is void
CLASS_OF_LABEL = {
    7: "Road",
    8: "Pavement",
    11: "Building",
    12: "Building",
    13: "Fence",
    14: "Fence",
    15: "Building",
    16: "Building",
    17: "Pole",
    18: "Pole",
    19: "SignSymbol",
    20: "SignSymbol",
    21: "Tree",
    22: "Tree",
    23: "Sky",
    24: "Pedestrian",
    25: "Bicyclist",
    26: "Car",
    27: "Car",
    28: "Car",
    29: "Car",
    30: "Car",
    31: "Car",
    32: "Bicyclist",
    33: "Bicyclist",
}
ID_OF_LABEL = np.full(256, VOID, np.uint8)
for _label, _name in CLASS_OF_LABEL.items():
    ID_OF_LABEL[_label] = NAMES.index(_name)


def is_cityscapes(data: str) -> bool:
    return os.path.isdir(os.path.join(data, "leftImg8bit"))


def open_cityscapes(data: str) -> RoadData:
    """The data set in `data`."""
    return RoadData(
        "Cityscapes", CAMVID, ("train", "val"), lambda split: _split_samples(data, split)
    )


def _split_samples(data: str, split: str) -> List[RoadSample]:
    images = subfolder(subfolder(data, "leftImg8bit"), split)
    annotations = subfolder(subfolder(data, "gtFine"), split)
    samples = []
    for city in sorted(os.listdir(images)):
        for file_name in pictures_in(os.path.join(images, city), (IMAGE_END,)):
            stem = file_name[: -len(IMAGE_END)]
            paths = (
                os.path.join(images, city, file_name),
                os.path.join(annotations, city, stem + ANNOTATION_END),
            )
            samples.append(RoadSample(stem, city, *paths, read_ids=_read_ids))
    return samples


def _read_ids(path: str) -> np.ndarray:
    return ID_OF_LABEL[ids_from_file(path, 255)]
