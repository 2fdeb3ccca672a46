"""KITTI's road benchmark (Fritsch, Kuehnl, Geiger 2013) as road or not road.

Layout: `training/image_2/{um,umm,uu}_NUMBER.png` with
`training/gt_image_2/{um,umm,uu}_road_NUMBER.png`, where red marks what was judged and blue the
road. The sequence is the category. The test part has no public annotation, so `val` is the last
fifth of each category, for neighbouring numbers look alike. Knows files and arrays, never networks.
"""

import os
from typing import List

import numpy as np

from catseye.runtime.classes import ROAD_OR_NOT, VOID
from catseye.runtime.datasets import subfolder
from catseye.runtime.datasets.mask_file import mask_from_file
from catseye.runtime.datasets.road_frames import RoadData, RoadSample, pictures_in
from catseye.runtime.errors import CatseyeError

CATEGORIES = ("um", "umm", "uu")


def is_kitti_road(data: str) -> bool:
    return os.path.isdir(os.path.join(data, "training", "gt_image_2"))


def open_kitti_road(data: str) -> RoadData:
    """The data set in `data`."""
    return RoadData(
        "KITTI road", ROAD_OR_NOT, ("train", "val"), lambda split: _split_samples(data, split)
    )


def _split_samples(data: str, split: str) -> List[RoadSample]:
    images = subfolder(data, os.path.join("training", "image_2"))
    annotations = subfolder(data, os.path.join("training", "gt_image_2"))
    names, samples = pictures_in(images, (".png",)), []
    for category in CATEGORIES:
        drive = [name for name in names if name.startswith(category + "_")]
        first_of_val = len(drive) - len(drive) // 5
        for file_name in drive[:first_of_val] if split == "train" else drive[first_of_val:]:
            annotation = file_name.replace(category + "_", category + "_road_")
            paths = os.path.join(images, file_name), os.path.join(annotations, annotation)
            samples.append(
                RoadSample(file_name[: -len(".png")], category, *paths, read_ids=_read_ids)
            )
    return samples


def _read_ids(path: str) -> np.ndarray:
    picture = mask_from_file(path)
    if picture.ndim == 2:
        raise CatseyeError("%s is grey" % path, "red where judged, blue where road")
    blue, red = picture[..., 0] > 0, picture[..., 2] > 0
    return np.where(red, blue, VOID).astype(np.uint8)
