"""MNIST digits (LeCun, Cortes, Burges 1998) as 32x32 pictures, light on dark, and pages written
with them.

Layout: `mnist/*-ubyte.gz`, the four official files; `val` is the last 5,000 of the training file.
`demo` is scikit-learn's 8x8 digits (Alpaydin, Kaynak 1998) drawn to the same form. Knows files and
arrays, never networks.
"""

import functools
import gzip
import os
import struct
import zlib
from typing import List, NamedTuple, Tuple

import cv2
import numpy as np

from catseye.runtime.datasets import DEMO, subfolder
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.installing import to_install
from catseye.runtime.tasks.digit_form import SIDE, slot_from_ink

SPLITS = ("train", "val", "test")
VALIDATION = 5000
DEMO_PARTS = {"train": (0, 1197), "val": (1197, 1497), "test": (1497, 1797)}  # runs of the file
FETCH_AGAIN = "fetch the data set again"
MOST_BYTES = 1 << 28  # unpacked: MNIST has 47 MB


class DigitSet(NamedTuple):
    """images: (N, 32, 32) uint8, light on dark.  labels: (N,) uint8, 0-9."""

    images: np.ndarray
    labels: np.ndarray


def read_digits(data: str, split: str) -> DigitSet:
    """The digits of a split; `data` is the folder that holds mnist/, or "demo". Raises
    CatseyeError for another split, and for files that are not MNIST's."""
    if split not in SPLITS:
        raise CatseyeError("no split %r" % split, "one of %s" % ", ".join(SPLITS))
    if data == DEMO:
        return _demo_digits(split)
    folder = subfolder(data, "mnist")
    whole = _read_pair(folder, "t10k" if split == "test" else "train")
    if split == "test":
        return whole
    if len(whole.labels) <= VALIDATION:
        raise CatseyeError(
            "%d training digits in %s" % (len(whole.labels), folder), "60000", FETCH_AGAIN
        )
    part = slice(None, -VALIDATION) if split == "train" else slice(-VALIDATION, None)
    return DigitSet(whole.images[part], whole.labels[part])


def name_of_digits(data: str) -> str:
    """What a checkpoint calls the data set."""
    return "scikit-learn digits" if data == DEMO else "MNIST"


def read_idx(path: str, axes: int) -> np.ndarray:
    """The uint8 array of `axes` axes in a gzipped IDX file (http://yann.lecun.com/exdb/mnist).
    Raises CatseyeError where it is none, or not whole."""
    try:
        with gzip.open(path, "rb") as stream:
            shape = _shape(path, stream.read(4 + 4 * axes), axes)
            size = 1
            for length in shape:
                size *= length  # Python integers: a corrupt header cannot overflow
            if size > MOST_BYTES:
                raise CatseyeError(
                    "%s announces %d bytes of data" % (path, size), "%d at most" % MOST_BYTES
                )
            content = stream.read(size + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise CatseyeError("cannot read %s (%s)" % (path, error), "a gzipped IDX file", FETCH_AGAIN)
    if len(content) != size:
        held = "more" if len(content) > size else "%d" % len(content)
        raise CatseyeError("%s holds %s bytes of data" % (path, held), "%d" % size, FETCH_AGAIN)
    return np.frombuffer(content, np.uint8).reshape(shape)


def _shape(path: str, header: bytes, axes: int) -> Tuple[int, ...]:
    """Of an IDX file, by its first bytes."""
    magic = bytes((0, 0, 8, axes))  # 8: unsigned byte
    if len(header) < 4 + 4 * axes or header[:4] != magic:
        raise CatseyeError(
            "%s begins with %s" % (path, header[:4].hex()), "the magic " + magic.hex(), FETCH_AGAIN
        )
    return struct.unpack(">%dI" % axes, header[4:])


def _read_pair(folder: str, stem: str) -> DigitSet:
    images = read_idx(os.path.join(folder, stem + "-images-idx3-ubyte.gz"), 3)
    labels = read_idx(os.path.join(folder, stem + "-labels-idx1-ubyte.gz"), 1)
    if images.shape[1:] != (28, 28) or len(images) != len(labels) or (labels > 9).any():
        found = "%s-*: %d pictures of %s, %d labels up to %d" % (
            stem,
            len(images),
            images.shape[1:],
            len(labels),
            labels.max() if len(labels) else 0,
        )
        raise CatseyeError(found, "as many labels from 0 to 9 as 28x28 pictures", FETCH_AGAIN)
    return DigitSet(np.pad(images, ((0, 0), (2, 2), (2, 2)), "constant"), labels.copy())


def _demo_digits(split: str) -> DigitSet:
    images, labels = _drawn_digits(split)
    return DigitSet(images.copy(), labels.copy())


@functools.lru_cache(maxsize=len(SPLITS))
def _drawn_digits(split: str) -> DigitSet:
    """Drawn once: a study reads them again and again, and a split takes up to 0.3 s."""
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise CatseyeError(
            "no demo digits here",
            "scikit-learn, which holds them",
            to_install("scikit-learn", "python3-sklearn"),
        )
    small, labels = load_digits(return_X_y=True)  # (1797, 64), 0-16
    part = slice(*DEMO_PARTS[split])
    images = np.stack([_drawn_larger(picture.reshape(8, 8)) for picture in small[part]])
    return DigitSet(images, labels[part].astype(np.uint8))


def _drawn_larger(small: np.ndarray) -> np.ndarray:
    """(8, 8) of 0-16 -> (32, 32) uint8 in MNIST's form; sharpened, as enlarging blurs."""
    ink = cv2.resize(small.astype(np.float32) / 16, (20, 20), interpolation=cv2.INTER_CUBIC)
    ink = np.round(np.clip((ink - 0.25) / 0.6, 0, 1) * 255).astype(np.uint8)
    rows, columns = (np.flatnonzero((ink > 80).any(axis)) for axis in (1, 0))
    return slot_from_ink(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


class DigitPage(NamedTuple):
    """image: (H, W, 3) uint8 BGR.  boxes: (x, y, w, h) of the ink of each digit in pixels.  labels:
    0-9, as many."""

    image: np.ndarray
    boxes: Tuple[Tuple[int, int, int, int], ...]
    labels: Tuple[int, ...]


def page_of_digits(
    images: np.ndarray, labels: np.ndarray, size_wh: Tuple[int, int], seed: int, board: bool = False
) -> DigitPage:
    """Digits of (N, 32, 32) uint8 written as a camera sees them: on paper in uneven light, or
    (`board`) chalk on slate.

    Every digit has a cell of a grid of its own, and in it a size, a place and a darkness of its
    own.
    """
    random = np.random.RandomState(seed)
    ink = np.zeros((size_wh[1], size_wh[0]), np.float32)
    boxes = [
        _write(picture, cell, ink, random)
        for picture, cell in zip(images, _cells(len(images), size_wh))
    ]
    ground_bgr, ink_bgr = (
        ((58, 66, 54), (225, 235, 235)) if board else ((214, 228, 232), (110, 52, 38))
    )
    cover = cv2.GaussianBlur(ink, (3, 3), 0)[..., None]
    picture = (1 - cover) * np.array(ground_bgr, np.float32) + cover * np.array(ink_bgr, np.float32)
    picture = picture * _uneven_light(size_wh, random)[..., None] + random.normal(
        0, 3, picture.shape
    )
    return DigitPage(
        np.clip(picture, 0, 255).astype(np.uint8),
        tuple(boxes),
        tuple(int(label) for label in labels),
    )


def _cells(number: int, size_wh: Tuple[int, int]) -> List[Tuple[int, int, int]]:
    """`number` square cells (x, y, side) in rows from top left, as large as fit, spread over the
    page."""
    width, height = size_wh
    columns = min(
        range(1, number + 1), key=lambda c: (-min(width // c, height // -(-number // c)), c)
    )
    rows = -(-number // columns)
    side = min(width // columns, height // rows)
    x, y = (width - side * columns) // 2, (height - side * rows) // 2
    return [(x + side * (i % columns), y + side * (i // columns), side) for i in range(number)]


def _write(
    picture: np.ndarray, cell: Tuple[int, int, int], ink: np.ndarray, random: np.random.RandomState
) -> Tuple[int, int, int, int]:
    """Draw a 32x32 digit somewhere in its cell of `ink` (H, W) float32 0-1; the box of what was
    drawn."""
    x, y, side = cell
    size = max(SIDE // 2, int(side * random.uniform(0.7, 1.0)))
    larger = (
        cv2.resize(picture, (size, size), interpolation=cv2.INTER_CUBIC).astype(np.float32) / 255
    )
    left, top = (start + random.randint(max(1, side - size + 1)) for start in (x, y))
    part = ink[top : top + size, left : left + size]
    np.maximum(part, larger[: part.shape[0], : part.shape[1]] * random.uniform(0.75, 1.0), out=part)
    rows, columns = (np.flatnonzero((larger > 0.3).any(axis)) for axis in (1, 0))
    return (
        int(left + columns[0]),
        int(top + rows[0]),
        int(np.ptp(columns)) + 1,
        int(np.ptp(rows)) + 1,
    )


def _uneven_light(size_wh: Tuple[int, int], random: np.random.RandomState) -> np.ndarray:
    """(H, W) float32 0.5-1: brightness that falls off across the page, with a soft shadow."""
    knots = random.uniform(0.55, 1.0, (3, 4)).astype(np.float32)
    return np.clip(cv2.resize(knots, size_wh, interpolation=cv2.INTER_CUBIC), 0.5, 1.0)
