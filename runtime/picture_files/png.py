"""The parts of a PNG (PNG Specification, third edition, W3C 2025), for pictures and masks."""

import struct
import zlib
from typing import Iterator, NamedTuple, Tuple

from catseye.runtime.picture_files.base import UPRIGHT, NotTaken, PictureHeader, moving
from catseye.runtime.picture_files.tiff import orientation_from_exif

SIGNATURE = b"\x89PNG\r\n\x1a\n"
FIRST, LAST = b"IHDR", b"IEND"

Chunk = Tuple[bytes, bytes]  # kind, content


class ImageHeader(NamedTuple):
    """A PNG's first chunk. bits: of each sample or index."""

    width: int
    height: int
    bits: int
    colour_type: int
    compression: int
    filtering: int
    interlacing: int


def png_header(data: bytes) -> PictureHeader:
    """Raises NotTaken for what is no whole PNG, and for one that moves."""
    first, orientation = image_header(data), UPRIGHT
    for kind, content in chunks(data, checked=False):  # libpng does, once it decodes
        if kind == b"eXIf":
            orientation = orientation_from_exif(content)
        if kind == b"acTL":
            raise moving()
    return PictureHeader("PNG", first.width, first.height, first.bits, orientation)


def image_header(data: bytes) -> ImageHeader:
    """Raises NotTaken for what does not begin as a PNG does."""
    kind, content = next(chunks(data))
    if kind != FIRST or len(content) != struct.calcsize(">IIBBBBB"):
        raise NotTaken("begins with no PNG header", "a whole PNG")
    return ImageHeader(*struct.unpack(">IIBBBBB", content))


def chunks(data: bytes, checked: bool = True) -> Iterator[Chunk]:
    """All chunks to the last, IEND. Raises NotTaken where one is not there, or not whole by its
    checksum."""
    if not data.startswith(SIGNATURE):
        raise NotTaken("begins with %s" % (data[:8].hex() or "nothing"), "a whole PNG")
    at, kind = len(SIGNATURE), b""
    while kind != LAST:
        length, kind = struct.unpack(">I4s", data[at : at + 8].ljust(8, b"\0"))
        content = data[at + 8 : at + 8 + length]
        checksum = data[at + 8 + length : at + 12 + length]
        if len(checksum) < 4 or checked and checksum != _checksum(kind, content):
            raise NotTaken("is damaged or cut off at byte %d" % at, "a whole PNG")
        yield kind, content
        at += 12 + length


def packed(kind: bytes, content: bytes) -> bytes:
    """A chunk as bytes."""
    return struct.pack(">I", len(content)) + kind + content + _checksum(kind, content)


def _checksum(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(content, zlib.crc32(kind)) & 0xFFFFFFFF)
