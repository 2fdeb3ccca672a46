"""The markers of a JPEG (ITU-T T.81, annex B): where one ends, how large it is, how it is turned,
and what the decoder says of one that lacks something."""

import re
from typing import Iterator, Optional, Tuple

from catseye.runtime.picture_files.base import UPRIGHT, NotTaken, PictureHeader, cut_off
from catseye.runtime.picture_files.tiff import orientation_from_exif

START = b"\xff\xd8"
# a marker, behind any fill bytes; 0 and the restart markers belong to the coded data around them
MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")
START_OF_IMAGE, END_OF_IMAGE, APP1 = 0xD8, 0xD9, 0xE1
FRAMES = set(range(0xC0, 0xD0)) - {
    0xC4,
    0xC8,
    0xCC,
}  # markers of a frame header, which has the size
EXIF = b"Exif\0\0"
# libjpeg goes on with something grey or shifted, and only says so on stderr; extraneous bytes, of
# which it says so too, are what cheap cameras write into pictures that are whole
DAMAGED = (
    "premature end of data segment",
    "Premature end of JPEG file",
    "bad Huffman code",
    "instead of RST",
)


def jpeg_header(data: bytes) -> PictureHeader:
    """Raises NotTaken for a JPEG without its end, which OpenCV fills with grey, without a word, and
    for one of other samples than 8 bits of grey or colour."""
    header, orientation = None, UPRIGHT
    for kind, at in _markers(data):
        if kind in FRAMES and header is None:
            header = data[at + 2 : at + 8]
        elif kind == APP1 and data[at + 2 : at + 8] == EXIF:
            length = int.from_bytes(data[at : at + 2], "big")
            orientation = orientation_from_exif(data[at + 8 : at + length])
        elif kind == END_OF_IMAGE and header is not None:
            return _header(header, orientation)
    raise cut_off(data)


def end_of_jpeg(data: bytes) -> Optional[int]:
    """How many bytes belong to the picture that `data` begins with; None where its end is
    missing."""
    for kind, at in _markers(data):
        if kind == END_OF_IMAGE:
            return at
    return None


def jpeg_size_wh(data: bytes) -> Optional[Tuple[int, int]]:
    """Width and height in pixels, as the header says; None where there is none."""
    for kind, at in _markers(data):
        if kind in FRAMES and at + 7 <= len(data):
            height, width = (int.from_bytes(data[at + n : at + n + 2], "big") for n in (3, 5))
            return width, height
    return None


def _header(frame: bytes, orientation: int) -> PictureHeader:
    """Of a frame header's precision, height, width and number of components."""
    bits, components = frame[0], frame[5]
    if bits != 8:
        raise NotTaken("is a JPEG of %d bits" % bits, "8 bits", "save it again with 8")
    if components not in (1, 3):
        raise NotTaken(
            "is a JPEG of %d inks (CMYK)" % components,
            "grey, or red, green and blue",
            "save it again as RGB",
        )
    height, width = (int.from_bytes(frame[n : n + 2], "big") for n in (1, 3))
    return PictureHeader("JPEG", width, height, bits, orientation)


def _markers(data: bytes) -> Iterator[Tuple[int, int]]:
    """Each marker of the first picture and where what follows it begins; ends where the next
    picture begins, or the data end."""
    at = len(START) if data.startswith(START) else len(data)
    while True:
        match = MARKER.search(data, at)
        if match is None:
            return
        kind, at = match.group(1)[0], match.end()
        if kind == START_OF_IMAGE:  # the next picture, before this one ended
            return
        yield kind, at
        if kind == END_OF_IMAGE:
            return
        if kind != 0x01:  # the only other marker without a segment
            at += max(2, int.from_bytes(data[at : at + 2], "big"))
