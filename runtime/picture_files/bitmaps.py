"""The headers of BMP, WebP and the portable pixmaps (PGM, PPM)."""

import re
import struct

from catseye.runtime.picture_files.base import UPRIGHT, NotTaken, PictureHeader, cut_off, moving
from catseye.runtime.picture_files.jpeg import EXIF
from catseye.runtime.picture_files.tiff import orientation_from_exif

OS2 = 12  # bytes of the oldest BMP header, whose sizes have 16 bits
PLAIN, MASKED = 0, 3  # kinds of BMP's compression that compress nothing
ANIMATED = 0x02  # a flag of WebP's VP8X
SPACE = rb"(?:\s|#[^\n]*\n)+"  # and comments
PIXMAP = re.compile(
    rb"P([2356])%s(\d{1,9})%s(\d{1,9})%s(\d{1,5})\s".replace(b"%s", SPACE)  # width, height, largest
)


def bmp_header(data: bytes) -> PictureHeader:
    """Raises NotTaken for a BMP that is compressed, or lacks pixels."""
    start, header_size = struct.unpack_from("<II", data, 10)
    if header_size == OS2:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
        compression = PLAIN
    else:
        width, height, _, bits, compression = struct.unpack_from("<iiHHI", data, 18)
    if compression not in (PLAIN, MASKED):
        raise NotTaken(
            "is a BMP of compression %d" % compression, "an uncompressed one", "save it as PNG"
        )
    row = (width * bits + 31) // 32 * 4
    if start + row * abs(height) > len(data):
        raise cut_off(data)
    return PictureHeader("BMP", width, abs(height))


def webp_header(data: bytes) -> PictureHeader:
    """Raises NotTaken for a moving picture, and one that is cut off."""
    size, form, first = struct.unpack_from("<I4s4s", data, 4)
    if form != b"WEBP":
        raise NotTaken("is a RIFF file of %r" % form, "a WebP picture")
    if 8 + size > len(data):
        raise cut_off(data)
    orientation = UPRIGHT
    if first == b"VP8X":
        if data[20] & ANIMATED:
            raise moving()
        width, height = (1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
        orientation = _orientation_of_webp(data)
    elif first == b"VP8L":
        (sizes,) = struct.unpack_from("<I", data, 21)
        width, height = 1 + (sizes & 0x3FFF), 1 + (sizes >> 14 & 0x3FFF)
    else:
        width, height = (each & 0x3FFF for each in struct.unpack_from("<HH", data, 26))
    return PictureHeader("WebP", width, height, orientation=orientation)


def _orientation_of_webp(data: bytes) -> int:
    at = 12
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        if kind == b"EXIF":
            block = data[at + 8 : at + 8 + length]
            return orientation_from_exif(block[len(EXIF) :] if block.startswith(EXIF) else block)
        at += 8 + length + length % 2
    return UPRIGHT


def pixmap_header(data: bytes) -> PictureHeader:
    """Raises NotTaken for other values than 8 or 16 whole bits, and where pixels are missing."""
    match = PIXMAP.match(data)
    if match is None:
        raise cut_off(data)
    form, width, height, largest = (int(group) for group in match.groups())
    if largest not in (255, 65535):
        raise NotTaken("has values up to %d" % largest, "up to 255 or 65535", "save it as PNG")
    bits = 8 if largest == 255 else 16
    samples = width * height * (3 if form in (3, 6) else 1)
    least = samples * (bits // 8) if form in (5, 6) else 2 * samples - 1  # as text: digit, space
    if len(data) - match.end() < least:
        raise cut_off(data)
    return PictureHeader("PNM", width, height, bits)
