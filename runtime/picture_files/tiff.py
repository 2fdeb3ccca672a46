"""The tags of a TIFF file (TIFF 6.0, Adobe 1992), and of the TIFF within a picture that holds its
EXIF data."""

import struct
from typing import Dict, Tuple

import numpy as np

from catseye.runtime.picture_files.base import UPRIGHT, NotTaken, PictureHeader, cut_off

SIGNATURES = (b"II*\0", b"MM\0*")
WIDTH, HEIGHT, BITS, PHOTOMETRIC, ORIENTATION = 256, 257, 258, 262, 274
SAMPLE_FORMAT, TILE_WIDTH, TILE_HEIGHT = 339, 322, 323
# where the pixels lie and how many bytes of them, in strips or in tiles
PLACES = ((273, 279), (324, 325))
NUMBERS = {1: "u1", 3: "u2", 4: "u4"}  # NumPy's types by TIFF's: BYTE, SHORT, LONG
GREY, COLOUR, PALETTE, JPEG_COLOUR = 1, 2, 3, 6  # PHOTOMETRIC
UNSIGNED = 1  # SAMPLE_FORMAT
FIX = "save it as PNG, or as a plain TIFF"

Tags = Dict[int, np.ndarray]


def tiff_header(data: bytes) -> PictureHeader:
    """Raises NotTaken for what is no single upright grey or coloured picture of 8 or 16 bits."""
    tags, following = _tags(data)
    width, height = _first(tags, WIDTH, 0), _first(tags, HEIGHT, 0)
    bits = set(tags[BITS].tolist()) if BITS in tags else {1}
    photometric = _first(tags, PHOTOMETRIC, GREY)
    if following:
        raise NotTaken("is a TIFF of several pictures", "one", "save each as a file of its own")
    if _first(tags, ORIENTATION, UPRIGHT) != UPRIGHT:
        raise NotTaken(
            "is a TIFF with orientation %d" % _first(tags, ORIENTATION, 0),
            "an upright one",
            "turn it once and save it again",
        )
    if (
        bits not in ({8}, {16})
        or set(tags.get(SAMPLE_FORMAT, np.array([UNSIGNED])).tolist()) != {UNSIGNED}
        or photometric not in (GREY, COLOUR, PALETTE, JPEG_COLOUR)
        or _first(tags, TILE_WIDTH, 0) > width + 4096
        or _first(tags, TILE_HEIGHT, 0) > height + 4096
    ):
        raise NotTaken(
            "is a TIFF of %s bits and photometric %d"
            % (" and ".join(map(str, sorted(bits))), photometric),
            "whole numbers of 8 or 16 bits, grey or coloured",
            FIX,
        )
    if not _holds_its_pixels(tags, len(data)):
        raise cut_off(data)
    return PictureHeader("TIFF", width, height, bits.pop())


def orientation_from_exif(block: bytes) -> int:
    """1 to 8; UPRIGHT too where the block does not say it, or nonsense."""
    try:
        orientation = _first(_tags(block)[0], ORIENTATION, UPRIGHT)
    except (NotTaken, struct.error):
        return UPRIGHT
    return orientation if 1 <= orientation <= 8 else UPRIGHT


def _tags(data: bytes) -> Tuple[Tags, int]:
    """The whole numbers of the first directory, and where the next one is: 0 for nowhere."""
    if not data.startswith(SIGNATURES):
        raise NotTaken("begins with %s" % data[:4].hex(), "a TIFF")
    order = "<" if data.startswith(b"II") else ">"
    (at,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, at)
    tags = {}
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind, length = struct.unpack_from(order + "HHI", data, entry)
        if kind not in NUMBERS or not length:
            continue
        dtype = np.dtype(order + NUMBERS[kind])
        place = entry + 8
        if length * dtype.itemsize > 4:
            (place,) = struct.unpack_from(order + "I", data, place)
        if place + length * dtype.itemsize > len(data):
            raise cut_off(data)
        tags[tag] = np.frombuffer(data, dtype, length, place)
    return tags, struct.unpack_from(order + "I", data, at + 2 + 12 * count)[0]


def _first(tags: Tags, tag: int, otherwise: int) -> int:
    return int(tags[tag][0]) if tag in tags else otherwise


def _holds_its_pixels(tags: Tags, size: int) -> bool:
    """Whether every strip or tile lies within the file: libtiff leaves black what does not."""
    for offsets, counts in PLACES:
        if offsets in tags and counts in tags and len(tags[offsets]) == len(tags[counts]):
            ends = tags[offsets].astype(np.int64) + tags[counts].astype(np.int64)
            return bool(ends.max() <= size)
    return False
