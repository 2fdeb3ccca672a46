"""The one reader of mask files: what was written into a PNG, and not what OpenCV makes of it.

OpenCV stretches grey of 1, 2 and 4 bits to 0..255 (id 1 becomes 255, 85, 17), divides 16 bits by
256 where grey is asked for, turns a palette's indices into its colours, and forgets which of these
it did. So the header is read here, and only what carries pixels is given to it. Knows PNG files and
arrays (PNG Specification, third edition, W3C 2025); neither classes nor networks.
"""

import struct
import zlib
from typing import List, NamedTuple, Tuple

import cv2
import numpy as np

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.files import read_bytes

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# by the number of a PNG's colour type
GREY, COLOUR, PALETTE, GREY_ALPHA, COLOUR_ALPHA = 0, 2, 3, 4, 6
MOST_PIXELS = 1 << 26  # 8192 x 8192: no camera's picture is larger
MEND = "write the mask as a grey or coloured PNG, or copy it again"

Chunk = Tuple[bytes, bytes]  # kind, content


class Header(NamedTuple):
    """A PNG's first chunk. bits: of each sample or index."""

    width: int
    height: int
    bits: int
    colour_type: int
    compression: int
    filtering: int
    interlacing: int


def mask_from_file(path: str) -> np.ndarray:
    """(H, W) uint8, of 16 bits uint16: what a grey mask holds; (H, W, 3) uint8 BGR of a coloured
    one or one with a palette. Transparency is let be.

    Raises CatseyeError for what is no whole PNG of at most MOST_PIXELS, and for colours of 16 bits.
    """
    header, chunks = _read(path)
    if header.colour_type in (COLOUR, COLOUR_ALPHA) and header.bits != 8:
        raise CatseyeError("%s has colours of 16 bits" % path, "8 bits", MEND)
    pixels = _pixels(path, header, chunks)
    return pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[..., :3])


def ids_from_file(path: str, most: int) -> np.ndarray:
    """(H, W) uint8: the ids 0 to `most` (at most 255) that a grey mask holds, or the indices of one
    with a palette. Raises CatseyeError for any other id or picture."""
    header, chunks = _read(path)
    if header.colour_type in (COLOUR, COLOUR_ALPHA):
        raise CatseyeError(
            "%s is coloured" % path, "a grey PNG, or one with a palette, of ids 0 to %d" % most
        )
    if header.colour_type == PALETTE:  # the same file called grey decodes to its indices
        header = header._replace(colour_type=GREY)
    ids = _pixels(path, header, chunks)
    if ids.max() > most:
        raise CatseyeError("%s has ids up to %d" % (path, ids.max()), "ids 0 to %d" % most)
    return ids.astype(np.uint8, copy=False)


def _pixels(path: str, header: Header, chunks: Tuple[Chunk, ...]) -> np.ndarray:
    """The samples as they were written: (H, W) of grey, (H, W, 3 or 4) of others."""
    kinds = (b"IDAT", b"PLTE") if header.colour_type == PALETTE else (b"IDAT",)
    kept = [(b"IHDR", struct.pack(">IIBBBBB", *header))]
    kept += [chunk for chunk in chunks if chunk[0] in kinds] + [(b"IEND", b"")]
    png = SIGNATURE + b"".join(_packed(kind, content) for kind, content in kept)
    try:
        pixels = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        pixels = None
    if pixels is None:
        raise CatseyeError("cannot read %s" % path, "a whole PNG mask", MEND)
    if header.colour_type == GREY_ALPHA:  # comes as blue, green and red that are equal
        pixels = np.ascontiguousarray(pixels[..., 0])
    if header.colour_type == GREY and header.bits < 8:
        pixels //= 255 // ((1 << header.bits) - 1)
    return pixels


def _read(path: str) -> Tuple[Header, Tuple[Chunk, ...]]:
    """Header and chunks of a PNG that is whole by their checksums."""
    data = read_bytes(path)
    try:
        chunks = _chunks(data)
        header = Header(*struct.unpack(">IIBBBBB", chunks[0][1]))
    except (ValueError, struct.error) as error:
        raise CatseyeError("cannot read %s (%s)" % (path, error), "a whole PNG mask", MEND)
    if not 0 < header.width * header.height <= MOST_PIXELS:
        raise CatseyeError(
            "%s has %d x %d pixels" % (path, header.width, header.height),
            "1 to %d" % MOST_PIXELS,
            "write it in the size of its picture",
        )
    return header, chunks


def _chunks(data: bytes) -> Tuple[Chunk, ...]:
    """All chunks to the last, IEND. Raises ValueError where they are not whole."""
    if not data.startswith(SIGNATURE):
        raise ValueError("it begins with %s" % (data[:8].hex() or "nothing"))
    chunks: List[Chunk] = []
    at = len(SIGNATURE)
    while not chunks or chunks[-1][0] != b"IEND":
        length, kind = struct.unpack(">I4s", data[at : at + 8].ljust(8, b"\0"))
        content = data[at + 8 : at + 8 + length]
        if data[at + 8 + length : at + 12 + length] != _checksum(kind, content):
            raise ValueError("damaged or cut off at byte %d" % at)
        chunks.append((kind, content))
        at += 12 + length
    return tuple(chunks)


def _packed(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + _checksum(kind, content)


def _checksum(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(kind + content) & 0xFFFFFFFF)
