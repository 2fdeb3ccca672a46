"""The one reader of pictures: whole, of a known format and a bounded size, upright, or refused in a
line with the file's name.

OpenCV alone fills with grey what a JPEG lacks, allocates what a header promises, and turns by EXIF
or not by format and release. So the header is read here first, the file is turned here, and what
the decoder prints decides whether a JPEG is whole. Knows bytes and arrays, not what is in them.
"""

import os
import stat
import threading
from typing import NamedTuple, Optional

import cv2
import numpy as np

from catseye.runtime.errors import SourceError
from catseye.runtime.picture_files.base import (
    AGAIN,
    MOST_PIXELS,
    NotTaken,
    PictureHeader,
    cut_off,
)
from catseye.runtime.picture_files.formats import header_of
from catseye.runtime.picture_files.jpeg import DAMAGED
from catseye.runtime.picture_files.orientation import upright
from catseye.runtime.system.files import read_bytes
from catseye.runtime.system.native_stderr import captured_native_stderr, silenced_native_stderr

MOST_BYTES = 8 * MOST_PIXELS + (1 << 20)  # four channels of 16 bits, stored as they are
TWELVE_BITS = 1 << 12
# of two threads at once, one would hear what the decoder says of the other's picture
_HEARING = threading.Lock()


class StoredPicture(NamedTuple):
    """pixels: (H, W, 3) uint8 BGR as the file holds them.  orientation: EXIF's, 1 where they are
    upright."""

    pixels: np.ndarray
    orientation: int


def image_from_file(path: str) -> np.ndarray:
    """(H, W, 3) uint8 BGR, upright; grey becomes colour, 16 bits become 8, transparency is ignored.
    Raises SourceError for anything but a whole picture of at most MOST_PIXELS."""
    stored = stored_picture(path)
    return upright(stored.pixels, stored.orientation)


def grey_from_file(path: str) -> np.ndarray:
    """(H, W) uint8, upright; of a JPEG the grey channel that is in it. Raises SourceError as
    `image_from_file` does."""
    stored = _stored(path, cv2.IMREAD_GRAYSCALE)
    return upright(stored.pixels, stored.orientation)


def stored_picture(path: str) -> StoredPicture:
    """The picture as it lies in the file, for whoever turns it together with its mask. Raises
    SourceError as `image_from_file` does."""
    return _stored(path, cv2.IMREAD_COLOR)


def image_from_bytes(data: bytes) -> np.ndarray:
    """What `image_from_file` gives of a file with this content. Raises NotTaken."""
    header = header_of(data)
    return upright(_pixels(data, header, cv2.IMREAD_COLOR), header.orientation)


def picture_bytes(path: str) -> bytes:
    """The content of a picture's or a mask's file. Raises SourceError for what is none or larger
    than any, before it is read."""
    try:
        kind = os.stat(path)
    except (OSError, ValueError):
        return read_bytes(path, SourceError)  # says why
    if not stat.S_ISREG(kind.st_mode) or kind.st_size > MOST_BYTES:
        found = "is no file" if not stat.S_ISREG(kind.st_mode) else "has %d bytes" % kind.st_size
        raise SourceError("cannot read %s: it %s" % (path, found), "a picture file", AGAIN)
    return read_bytes(path, SourceError)


def decoded(data: bytes, flags: int) -> Optional[np.ndarray]:
    """What OpenCV makes of the bytes without a word; None where it makes nothing of them."""
    with silenced_native_stderr():
        return _decoded(data, flags)


def _stored(path: str, flags: int) -> StoredPicture:
    data = picture_bytes(path)
    try:
        header = header_of(data)
        return StoredPicture(_pixels(data, header, flags), header.orientation)
    except NotTaken as error:
        raise SourceError(
            "cannot read %s: it %s" % (path, error.found), error.expected, error.fix
        ) from None


def _pixels(data: bytes, header: PictureHeader, flags: int) -> np.ndarray:
    flags |= cv2.IMREAD_IGNORE_ORIENTATION
    if header.kind == "JPEG":
        pixels = decoded_jpeg(data, flags)
    else:
        pixels = decoded(data, flags | (cv2.IMREAD_ANYDEPTH if header.bits == 16 else 0))
    if pixels is None or pixels.shape[:2] != (header.height, header.width):
        raise NotTaken(
            "is no readable picture (%d bytes)" % len(data), "a whole %s file" % header.kind
        )
    return pixels if pixels.dtype == np.uint8 else _eight_bits(pixels)


def decoded_jpeg(data: bytes, flags: int) -> Optional[np.ndarray]:
    """The same of a JPEG. Raises NotTaken where the decoder says that something was missing."""
    with _HEARING, captured_native_stderr() as said:
        pixels = _decoded(data, flags)
        if any(words in said() for words in DAMAGED):
            raise cut_off(data)
    return pixels


def _decoded(data: bytes, flags: int) -> Optional[np.ndarray]:
    try:
        return cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:  # pixels that OpenCV will not take
        return None


def _eight_bits(pixels: np.ndarray) -> np.ndarray:
    """The upper half of 16 bits. Raises NotTaken where they hold the values of 12 or fewer, as
    sensors write them: the picture would be black."""
    largest = int(pixels.max())
    if 0 < largest < TWELVE_BITS:
        raise NotTaken(
            "has 16 bits and no value above %d" % largest,
            "values up to 65535, or a picture of 8 bits",
            "scale it by the largest value that the sensor gives",
        )
    return (pixels >> 8).astype(np.uint8)
