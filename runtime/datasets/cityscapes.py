"""Cityscapes (Cordts et al. 2016), brought to CamVid's eleven classes.

Layout: `leftImg8bit/{train,val}/CITY/*_leftImg8bit.png` with
`gtFine/{train,val}/CITY/*_gtFine_labelIds.png`. The sequence is the city. The test split's
annotation is not public. Knows files and arrays, never networks.
"""

import os
from typing import List, Tuple

import numpy as np

from catseye.runtime.classes import CAMVID, NAMES, VOID, ClassTable, Colour
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

# the benchmark's 19 classes in the order of their train ids: labelId, name, RGB
_BENCHMARK: Tuple[Tuple[int, str, Colour], ...] = (
    (7, "road", (128, 64, 128)),
    (8, "sidewalk", (244, 35, 232)),
    (11, "building", (70, 70, 70)),
    (12, "wall", (102, 102, 156)),
    (13, "fence", (190, 153, 153)),
    (17, "pole", (153, 153, 153)),
    (19, "traffic light", (250, 170, 30)),
    (20, "traffic sign", (220, 220, 0)),
    (21, "vegetation", (107, 142, 35)),
    (22, "terrain", (152, 251, 152)),
    (23, "sky", (70, 130, 180)),
    (24, "person", (220, 20, 60)),
    (25, "rider", (255, 0, 0)),
    (26, "car", (0, 0, 142)),
    (27, "truck", (0, 0, 70)),
    (28, "bus", (0, 60, 100)),
    (31, "train", (0, 80, 100)),
    (32, "motorcycle", (0, 0, 230)),
    (33, "bicycle", (119, 11, 32)),
)
BENCHMARK = ClassTable(
    tuple(name for _, name, _ in _BENCHMARK), tuple(colour for _, _, colour in _BENCHMARK), 0
)
BENCHMARK_LABELS = tuple(label for label, _, _ in _BENCHMARK)


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
