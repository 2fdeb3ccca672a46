"""What a picture file holds, told from its bytes before anything is decoded or allocated."""

import struct

from catseye.runtime.picture_files.base import MOST_PIXELS, NotTaken, PictureHeader, cut_off
from catseye.runtime.picture_files.bitmaps import bmp_header, pixmap_header, webp_header
from catseye.runtime.picture_files.jpeg import START as JPEG
from catseye.runtime.picture_files.jpeg import jpeg_header
from catseye.runtime.picture_files.png import SIGNATURE as PNG
from catseye.runtime.picture_files.png import png_header
from catseye.runtime.picture_files.tiff import SIGNATURES as TIFF
from catseye.runtime.picture_files.tiff import tiff_header

# of file names that promise a picture; what is in the file is told by its first bytes
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
FORMATS = (
    ((PNG,), png_header),
    ((JPEG,), jpeg_header),
    (TIFF, tiff_header),
    ((b"BM",), bmp_header),
    ((b"RIFF",), webp_header),
    ((b"P2", b"P3", b"P5", b"P6"), pixmap_header),
)
TAKEN = "a PNG, JPEG, BMP, WebP, TIFF, PGM or PPM"


def is_picture(path: str) -> bool:
    """Whether the file name promises a picture."""
    return path.lower().endswith(SUFFIXES)


def header_of(data: bytes) -> PictureHeader:
    """Raises NotTaken for all but a whole picture of a known format and at most MOST_PIXELS."""
    for signatures, read in FORMATS:
        if data.startswith(signatures):
            try:
                header = read(data)
            except (struct.error, IndexError):
                raise cut_off(data) from None
            return _of_some_size(header)
    raise NotTaken("begins with %s" % (data[:4].hex() or "nothing"), TAKEN)


def _of_some_size(header: PictureHeader) -> PictureHeader:
    if min(header.width, header.height) < 1 or header.width * header.height > MOST_PIXELS:
        raise NotTaken(
            "has %d x %d pixels" % (header.width, header.height),
            "1 to %d" % MOST_PIXELS,
            "shrink it, or cut it into several",
        )
    return header
