"""CamVid road scenes (Brostow et al. 2008, the SegNet version) and the synthetic street in the same
form.

Layout: `camvid/{train,val,test}/*.png` with `{train,val,test}annot/*.png`, pixel value = class id,
11 = void; a file name begins with its sequence (0001TP, 0006R0, 0016E5, Seq05VD). Knows files and
arrays, never networks.
"""

import os
from typing import List

import numpy as np

from catseye.runtime.classes import CAMVID, NAMES, VOID
from catseye.runtime.datasets import subfolder
from catseye.runtime.datasets.mask_file import ids_from_file
from catseye.runtime.datasets.road_frames import RoadData, RoadSample

SPLITS = ("train", "val", "test")
# first seed and number of streets
DEMO_FRAMES = {"train": (1000, 60), "val": (0, 20), "test": (500, 20)}
VOID_IN_FILE = len(NAMES)


def open_camvid(data: str) -> RoadData:
    """The data set in `data`/camvid. Raises CatseyeError where there is no such folder."""
    root = subfolder(data, "camvid")
    return RoadData("CamVid", CAMVID, SPLITS, lambda split: _split_samples(root, split))


def open_street() -> RoadData:
    """Synthetic streets as `--data demo` has them."""
    return RoadData(
        "synthetic street", CAMVID, SPLITS, lambda split: street_samples(*DEMO_FRAMES[split])
    )


def street_samples(first_seed: int, number: int) -> List[RoadSample]:
    """Synthetic streets, one frame each, of consecutive seeds."""
    return [
        RoadSample("street-%04d" % seed, "street", seed=seed)
        for seed in range(first_seed, first_seed + number)
    ]


def _split_samples(root: str, split: str) -> List[RoadSample]:
    images, annotations = subfolder(root, split), subfolder(root, split + "annot")
    samples = []
    for file_name in sorted(name for name in os.listdir(images) if name.endswith(".png")):
        sequence = file_name.replace("Seq05VD", "Seq05VD_").split("_")[0]
        paths = os.path.join(images, file_name), os.path.join(annotations, file_name)
        samples.append(RoadSample(file_name[: -len(".png")], sequence, *paths, read_ids=_read_ids))
    return samples


def _read_ids(path: str) -> np.ndarray:
    mask = ids_from_file(path, VOID_IN_FILE)
    mask[mask == VOID_IN_FILE] = VOID
    return mask
