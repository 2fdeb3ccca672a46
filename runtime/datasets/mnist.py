"""MNIST digits (LeCun, Cortes, Burges 1998) as 32x32 pictures, light on dark, and pages written with them.

Layout: `mnist/*-ubyte.gz`, the four official files; `val` is the last 5,000 of the training file. `demo` is
scikit-learn's 8x8 digits (Alpaydin, Kaynak 1998) drawn to the same form. Knows files and arrays, never networks.
"""

import gzip
import os
import struct
import zlib
from typing import List, NamedTuple, Tuple

import cv2
import numpy as np

from catseye.runtime.datasets import DEMO, subfolder
from catseye.runtime.errors import CatseyeError

SPLITS = ("train", "val", "test")
SIDE = 32  # of the pictures that LeNet takes; MNIST's 28 and a margin of 2 all round
VALIDATION = 5000
DEMO_PARTS = {"train": (0, 1197), "val": (1197, 1497), "test": (1497, 1797)}  # in file order: no writer in two splits
FETCH_AGAIN = "fetch the data set again"


class DigitSet(NamedTuple):
    """images: (N, 32, 32) uint8, light on dark.  labels: (N,) uint8, 0-9."""

    images: np.ndarray
    labels: np.ndarray


def read_digits(data: str, split: str) -> DigitSet:
    """The digits of a split; `data` is the folder that holds mnist/, or "demo"."""
    if split not in SPLITS:
        raise CatseyeError("no split %r" % split, "one of %s" % ", ".join(SPLITS))
    if data == DEMO:
        return _demo_digits(split)
    folder = subfolder(data, "mnist")
    whole = _read_pair(folder, "t10k" if split == "test" else "train")
    if split == "test":
        return whole
    if len(whole.labels) <= VALIDATION:
        raise CatseyeError("%d training digits in %s" % (len(whole.labels), folder), "60000", FETCH_AGAIN)
    part = slice(None, -VALIDATION) if split == "train" else slice(-VALIDATION, None)
    return DigitSet(whole.images[part], whole.labels[part])


def read_idx(path: str, axes: int) -> np.ndarray:
    """The uint8 array of `axes` axes in a gzipped IDX file (http://yann.lecun.com/exdb/mnist)."""
    try:
        with gzip.open(path, "rb") as stream:
            content = stream.read()
    except (OSError, EOFError, zlib.error) as error:
        raise CatseyeError("cannot read %s (%s)" % (path, error), "a gzipped IDX file", FETCH_AGAIN)
    header = 4 + 4 * axes
    magic = bytes((0, 0, 8, axes))  # 8: unsigned byte
    if len(content) < header or content[:4] != magic:
        raise CatseyeError("%s begins with %s" % (path, content[:4].hex()), "the magic " + magic.hex(), FETCH_AGAIN)
    shape = struct.unpack(">%dI" % axes, content[4:header])
    size = 1
    for length in shape:
        size *= length  # Python integers: a corrupt header cannot overflow
    if len(content) - header != size:
        raise CatseyeError("%s holds %d bytes of data" % (path, len(content) - header), "%d" % size, FETCH_AGAIN)
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def _read_pair(folder: str, stem: str) -> DigitSet:
    images = read_idx(os.path.join(folder, stem + "-images-idx3-ubyte.gz"), 3)
    labels = read_idx(os.path.join(folder, stem + "-labels-idx1-ubyte.gz"), 1)
    if images.shape[1:] != (28, 28) or len(images) != len(labels) or (labels > 9).any():
        found = "%s-*: %d pictures of %s, %d labels up to %d" % (
            stem, len(images), images.shape[1:], len(labels), labels.max() if len(labels) else 0)
        raise CatseyeError(found, "as many labels from 0 to 9 as 28x28 pictures", FETCH_AGAIN)
    return DigitSet(np.pad(images, ((0, 0), (2, 2), (2, 2)), "constant"), labels.copy())


def _demo_digits(split: str) -> DigitSet:
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise CatseyeError("scikit-learn is missing", "it holds the demo digits", "pip install scikit-learn")
    small, labels = load_digits(return_X_y=True)  # (1797, 64), 0-16
    part = slice(*DEMO_PARTS[split])
    images = np.stack([_drawn_larger(picture.reshape(8, 8)) for picture in small[part]])
    return DigitSet(images, labels[part].astype(np.uint8))


def _drawn_larger(small: np.ndarray) -> np.ndarray:
    """(8, 8) of 0-16 -> (32, 32) uint8: MNIST's 20 rows of ink, in the middle; sharpened, as enlarging blurs."""
    ink = cv2.resize(small.astype(np.float32) / 16, (20, 20), interpolation=cv2.INTER_CUBIC)
    ink = np.clip((ink - 0.25) / 0.6, 0, 1)
    picture = np.zeros((SIDE, SIDE), np.uint8)
    picture[6:26, 6:26] = np.round(ink * 255).astype(np.uint8)
    return picture
