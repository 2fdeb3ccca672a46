"""BSDS500 photographs (Martin et al. 2001) and the patches that sparse coding sees.

Layout: `bsds/{train,val,test}/*.jpg`, read as grey pictures. `demo` is scikit-learn's two sample
photographs. Knows pictures and patches, nothing of dictionaries or codes.
"""

import os
from typing import List, NamedTuple, Sequence, Tuple

import cv2
import numpy as np

from catseye.runtime.datasets import DEMO, subfolder
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.installing import to_install
from catseye.runtime.picture_files.reading import grey_from_file

SPLITS = ("train", "val", "test")
# a patch whose standard deviation is below this (grey in 0..1) is near constant: skipped
FLAT = 0.02
DEMO_PHOTOGRAPHS = ("china.jpg", "flower.jpg")
# ITU-R BT.601: how colour becomes grey, in graphs too
GREY_FROM_BGR = np.array((0.114, 0.587, 0.299), np.float32)


class Photograph(NamedTuple):
    """name: file stem; image: (H, W) uint8 grey."""

    name: str
    image: np.ndarray


def read_photographs(data: str, split: str) -> List[Photograph]:
    """The split's photographs in the order of their names; `demo`: the left halves for `train`,
    else the right ones. Raises CatseyeError for another split, and where there are none."""
    if split not in SPLITS:
        raise CatseyeError("no split %r" % split, "one of %s" % ", ".join(SPLITS))
    if data == DEMO:
        return _demo_halves(split)
    folder = subfolder(subfolder(data, "bsds"), split)
    names = sorted(name for name in os.listdir(folder) if name.endswith(".jpg"))
    if not names:
        raise CatseyeError(
            "no .jpg in %s" % folder, "BSDS photographs", "fetch the data set, or use --data demo"
        )
    return [
        Photograph(name[: -len(".jpg")], grey_from_file(os.path.join(folder, name)))
        for name in names
    ]


def name_of_photographs(data: str) -> str:
    """What the data set is called."""
    return "scikit-learn's photographs" if data == DEMO else "BSDS500"


def demo_photographs() -> List[np.ndarray]:
    """scikit-learn's two sample photographs, each (427, 640, 3) uint8 BGR. Raises CatseyeError
    where scikit-learn is missing."""
    try:
        from sklearn.datasets import load_sample_image
    except ImportError:
        raise CatseyeError(
            "no demo photographs here",
            "scikit-learn, which holds them",
            to_install("scikit-learn", "python3-sklearn"),
        )
    return [np.ascontiguousarray(load_sample_image(name)[..., ::-1]) for name in DEMO_PHOTOGRAPHS]


def patches_from_image(image: np.ndarray, size: int, stride: int) -> np.ndarray:
    """(H, W) of any type -> (rows * columns, size * size) of that type, row by row, each patch row
    by row."""
    height, width = image.shape
    rows, columns = (height - size) // stride + 1, (width - size) // stride + 1
    down, right = image.strides
    view = np.lib.stride_tricks.as_strided(
        image,
        (rows, columns, size, size),
        (down * stride, right * stride, down, right),
        writeable=False,
    )
    return view.reshape(rows * columns, size * size)


def unit_patches(patches: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
    """(P, n) uint8 -> (K, n) float32 of mean 0 and norm 1, and (P,) bool: which of them were not
    near constant."""
    centred = patches.astype(np.float32) / 255
    centred -= centred.mean(1, keepdims=True)
    lively = centred.std(1) >= FLAT
    kept = centred[lively]
    return kept / np.linalg.norm(kept, axis=1, keepdims=True), lively


def sample_patches(
    photographs: Sequence[Photograph], number: int, size: int, seed: int
) -> np.ndarray:
    """(number, size * size) float32 of mean 0 and norm 1, drawn evenly from the photographs,
    shuffled. Raises CatseyeError where they hold too few with any contrast."""
    random = np.random.RandomState(seed)
    each = -(-number // len(photographs))
    drawn = np.concatenate(
        [_draw(photograph.image, each, size, random) for photograph in photographs]
    )
    if len(drawn) < number:
        found = "too few patches with any contrast (%d)" % len(drawn)
        raise CatseyeError(found, "%d" % number, "use other photographs")
    return drawn[random.permutation(len(drawn))[:number]]


def _draw(image: np.ndarray, number: int, size: int, random: np.random.RandomState) -> np.ndarray:
    """`number` unit patches at random places, repeated draws where a picture is flat."""
    found = np.zeros((0, size * size), np.float32)
    if min(image.shape) < size:
        return found
    for _ in range(20):
        y = random.randint(image.shape[0] - size + 1, size=number)
        x = random.randint(image.shape[1] - size + 1, size=number)
        patches = np.stack([image[j : j + size, i : i + size].ravel() for j, i in zip(y, x)])
        found = np.concatenate([found, unit_patches(patches)[0]])[:number]
        if len(found) == number:
            break
    return found


def _demo_halves(split: str) -> List[Photograph]:
    photographs = []
    for name, image in zip(DEMO_PHOTOGRAPHS, demo_photographs()):
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        left, right = np.array_split(grey, 2, axis=1)
        photographs.append(Photograph(name[: -len(".jpg")], left if split == "train" else right))
    return photographs
