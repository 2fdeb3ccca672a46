"""The one reader of mask files: what was written into a PNG, and not what OpenCV makes of it.

OpenCV stretches grey of 1, 2 and 4 bits to 0..255 (id 1 becomes 255, 85, 17), divides 16 bits by
256 where grey is asked for, turns a palette's indices into its colours, and forgets which of these
it did. So the header is read here, and only what carries pixels is given to it. Knows PNG files and
arrays (PNG Specification, third edition, W3C 2025); neither classes nor networks.
"""

import struct
from typing import Tuple

import cv2
import numpy as np

from catseye.runtime.errors import CatseyeError
from catseye.runtime.picture_files.base import MOST_PIXELS, NotTaken
from catseye.runtime.picture_files.png import (
    SIGNATURE,
    Chunk,
    ImageHeader,
    chunks,
    image_header,
    packed,
    png_header,
)
from catseye.runtime.picture_files.reading import decoded, picture_bytes

# by the number of a PNG's colour type
GREY, COLOUR, PALETTE, GREY_ALPHA, COLOUR_ALPHA = 0, 2, 3, 4, 6
FIX = "write the mask as a grey or coloured PNG, or copy it again"


def mask_from_file(path: str, indices: bool = False) -> np.ndarray:
    """(H, W) uint8, of 16 bits uint16: what a grey mask holds; (H, W, 3) uint8 BGR of a coloured
    one or one with a palette, unless its indices are asked for. Transparency is ignored, and EXIF's
    orientation: the pixels are as they were stored.

    Raises CatseyeError for what is no whole PNG of at most MOST_PIXELS, and for colours of 16 bits.
    """
    header, kept = _read(path)
    if header.colour_type in (COLOUR, COLOUR_ALPHA) and header.bits != 8:
        raise CatseyeError("%s has colours of 16 bits" % path, "8 bits", FIX)
    if indices:
        header = _indexed(header)
    pixels = _pixels(path, header, kept)
    return pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[..., :3])


def ids_from_file(path: str, most: int) -> np.ndarray:
    """(H, W) uint8: the ids 0 to `most` (at most 255) that a grey mask holds, or the indices of one
    with a palette. Raises CatseyeError for any other id or picture."""
    header, kept = _read(path)
    if header.colour_type in (COLOUR, COLOUR_ALPHA):
        raise CatseyeError(
            "%s is coloured" % path, "a grey PNG, or one with a palette, of ids 0 to %d" % most
        )
    ids = _pixels(path, _indexed(header), kept)
    if ids.max() > most:
        raise CatseyeError("%s has ids up to %d" % (path, ids.max()), "ids 0 to %d" % most)
    return ids.astype(np.uint8, copy=False)


def mask_orientation(path: str) -> int:
    """EXIF's, 1 to 8: 1 where the mask is upright or does not say."""
    return png_header(picture_bytes(path)).orientation


def _indexed(header: ImageHeader) -> ImageHeader:
    """The same file called grey decodes to its indices."""
    return header._replace(colour_type=GREY) if header.colour_type == PALETTE else header


def _pixels(path: str, header: ImageHeader, chunks: Tuple[Chunk, ...]) -> np.ndarray:
    """The samples as they were written: (H, W) of grey, (H, W, 3 or 4) of others."""
    kinds = (b"IDAT", b"PLTE") if header.colour_type == PALETTE else (b"IDAT",)
    kept = [(b"IHDR", struct.pack(">IIBBBBB", *header))]
    kept += [chunk for chunk in chunks if chunk[0] in kinds] + [(b"IEND", b"")]
    png = SIGNATURE + b"".join(packed(kind, content) for kind, content in kept)
    pixels = decoded(png, cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise CatseyeError("cannot read %s" % path, "a whole PNG mask", FIX)
    if header.colour_type == GREY_ALPHA:  # comes as blue, green and red that are equal
        pixels = np.ascontiguousarray(pixels[..., 0])
    if header.colour_type == GREY and header.bits < 8:
        pixels //= 255 // ((1 << header.bits) - 1)
    return pixels


def _read(path: str) -> Tuple[ImageHeader, Tuple[Chunk, ...]]:
    """Header and chunks of a PNG that is whole by their checksums."""
    data = picture_bytes(path)
    try:
        header, every = image_header(data), tuple(chunks(data))
    except NotTaken as error:
        raise CatseyeError(
            "cannot read %s: it %s" % (path, error.found), "a whole PNG mask", FIX
        ) from None
    if not 0 < header.width * header.height <= MOST_PIXELS:
        raise CatseyeError(
            "%s has %d x %d pixels" % (path, header.width, header.height),
            "1 to %d" % MOST_PIXELS,
            "write it in the size of its picture",
        )
    return header, every
