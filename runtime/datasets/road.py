"""Which road data set `--data` names: the one place that tells the layouts apart.

A folder with a classes.json is the user's own; one with the folders of Cityscapes, BDD100K or KITTI
road is that; else it is the folder that holds camvid/. Knows layouts by name only.
"""

import os
from typing import List, Optional

from catseye.runtime.datasets import DEMO
from catseye.runtime.datasets.annotated_folder import is_annotated_folder, open_annotated_folder
from catseye.runtime.datasets.bdd100k import is_bdd100k, open_bdd100k
from catseye.runtime.datasets.camvid import open_camvid, open_street
from catseye.runtime.datasets.cityscapes import is_cityscapes, open_cityscapes
from catseye.runtime.datasets.kitti_road import is_kitti_road, open_kitti_road
from catseye.runtime.datasets.road_frames import RoadData, RoadSample
from catseye.runtime.errors import CatseyeError

LAYOUTS = (
    (is_annotated_folder, open_annotated_folder),
    (is_cityscapes, open_cityscapes),
    (is_bdd100k, open_bdd100k),
    (is_kitti_road, open_kitti_road),
)


def open_road_data(data: str) -> RoadData:
    """The data set in folder `data`, or the synthetic street for "demo". Raises CatseyeError where
    no layout fits."""
    if data == DEMO:
        return open_street()
    for is_layout, open_layout in LAYOUTS:
        if is_layout(data):
            return open_layout(data)
    if not os.path.isdir(os.path.join(data, "camvid")):
        wanted = "classes.json, leftImg8bit/, images/100k/ or training/gt_image_2/ there"
        raise CatseyeError(
            "no camvid/ in %s" % data, "it, or " + wanted, "see docs/data.md, or use --data demo"
        )
    return open_camvid(data)


def road_samples(data: str, split: str, hold_out: Optional[str] = None) -> List[RoadSample]:
    """The frames of a split, or of one sequence over train and val; `hold_out` names a sequence to
    leave out. Raises CatseyeError where there is no such data set, split or sequence."""
    return open_road_data(data).samples(split, hold_out)
