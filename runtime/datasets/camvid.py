"""CamVid road scenes (Brostow et al. 2008, the SegNet version) and the synthetic street in the same form.

Layout: `camvid/{train,val,test}/*.png` with `{train,val,test}annot/*.png`, pixel value = class id, 11 = void; a file
name begins with its sequence (0001TP, 0006R0, 0016E5, Seq05VD). Knows files and arrays, never networks.
"""

import os
from typing import List, NamedTuple, Optional, Sequence, Tuple

import cv2
import numpy as np

from catseye.runtime.classes import NAMES, VOID
from catseye.runtime.datasets import DEMO, subfolder
from catseye.runtime.errors import CatseyeError
from catseye.runtime.street import Street

SPLITS = ("train", "val", "test")
DEMO_FRAMES = {"train": (1000, 60), "val": (0, 20), "test": (500, 20)}  # first seed and number of streets


class RoadSample(NamedTuple):
    """One annotated frame, read when asked. name: file stem; sequence: the drive it was cut from."""

    name: str
    sequence: str
    image_path: str = ""
    annotation_path: str = ""
    seed: int = 0

    def read(self) -> Tuple[np.ndarray, np.ndarray]:
        """(H, W, 3) uint8 BGR and (H, W) uint8 class ids, 11 = void."""
        if not self.image_path:
            return Street(self.seed, size_wh=(480, 360)).render(self.seed % 7)
        image = cv2.imread(self.image_path, cv2.IMREAD_COLOR)
        mask = cv2.imread(self.annotation_path, cv2.IMREAD_GRAYSCALE)
        if image is None or mask is None:
            broken = self.image_path if image is None else self.annotation_path
            raise CatseyeError("cannot read %s" % broken, "a PNG image", "fetch the data set again")
        if image.shape[:2] != mask.shape or mask.max() > VOID:
            raise CatseyeError(
                "%s is %s with ids up to %d" % (self.annotation_path, mask.shape, mask.max()),
                "the size of its image %s and ids 0 to %d" % (image.shape[:2], VOID),
            )
        return image, mask


def road_samples(data: str, split: str, hold_out: Optional[str] = None) -> List[RoadSample]:
    """The frames of a split, or of one sequence over train and val; `hold_out` names a sequence to leave out."""
    if data == DEMO:
        return _street_samples(split)
    root = subfolder(data, "camvid")
    splits = (split,) if split in SPLITS else ("train", "val")
    samples = [sample for name in splits for sample in _split_samples(root, name)]
    known = sorted({sample.sequence for sample in samples})
    if split not in SPLITS:
        samples = [sample for sample in samples if sample.sequence == split]
    if not samples:
        raise CatseyeError("no %r in %s" % (split, root), "one of %s" % ", ".join(SPLITS + tuple(known)))
    if hold_out is not None and hold_out not in known:
        raise CatseyeError("no sequence %r in %s" % (hold_out, root), "one of %s" % ", ".join(known))
    return [sample for sample in samples if sample.sequence != hold_out]


def _split_samples(root: str, split: str) -> List[RoadSample]:
    images, annotations = subfolder(root, split), subfolder(root, split + "annot")
    samples = []
    for file_name in sorted(name for name in os.listdir(images) if name.endswith(".png")):
        sequence = file_name.replace("Seq05VD", "Seq05VD_").split("_")[0]
        paths = os.path.join(images, file_name), os.path.join(annotations, file_name)
        samples.append(RoadSample(file_name[: -len(".png")], sequence, *paths))
    return samples


def _street_samples(split: str) -> List[RoadSample]:
    if split not in DEMO_FRAMES:
        raise CatseyeError("the demo street has no split %r" % split, "one of %s" % ", ".join(SPLITS))
    return street_samples(*DEMO_FRAMES[split])


def street_samples(first_seed: int, number: int) -> List[RoadSample]:
    """Synthetic streets, one frame each, of consecutive seeds."""
    return [RoadSample("street-%04d" % seed, "street", seed=seed) for seed in range(first_seed, first_seed + number)]


def class_frequencies(masks: Sequence[np.ndarray]) -> np.ndarray:
    """Share of each class among the labelled pixels: (11,) float64."""
    counts = np.sum([np.bincount(mask.ravel(), minlength=VOID + 1) for mask in masks], axis=0)[: len(NAMES)]
    return counts / max(counts.sum(), 1)
