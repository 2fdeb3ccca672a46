"""JPEG pictures of cameras and videos: where one ends, how large it is, and its decoding as that of
a picture file.

Knows the markers of a JPEG (ITU-T T.81, annex B); not where the bytes come from. FFmpeg's motion
JPEG differs from OpenCV's `imdecode`, which reads picture files, by some 40 levels (OpenCV 4.5.5
and 5.0), and fills what is missing in a torn picture from the one before: none of it is used.
"""

import re
from typing import Iterator, Optional, Tuple

import cv2
import numpy as np

from catseye.runtime.sources.live.camera import UNDECODED
from catseye.runtime.system.native_stderr import captured_native_stderr

START = b"\xff\xd8"
# a marker, behind any fill bytes; 0 and the restart markers belong to the coded data around them
MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")
START_OF_IMAGE, END_OF_IMAGE = 0xD8, 0xD9
FRAMES = set(range(0xC0, 0xD0)) - {
    0xC4,
    0xC8,
    0xCC,
}  # markers of a frame header, which has the size
# libjpeg goes on with something grey or shifted, and only says so on stderr; extraneous bytes, of
# which it says so too, are what cheap cameras write into pictures that are whole
DAMAGED = (
    "premature end of data segment",
    "Premature end of JPEG file",
    "bad Huffman code",
    "instead of RST",
)
MOST_PIXELS = 1 << 26  # 8192x8192: 200 MB once decoded


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


def image_from_jpeg(data: bytes) -> np.ndarray:
    """(H, W, 3) uint8 BGR, as `imdecode` reads a picture file; UNDECODED, which is empty, where the
    picture is torn, lacks something in its middle, is none, or claims more than MOST_PIXELS."""
    width, height = jpeg_size_wh(data) or (0, 0)
    if end_of_jpeg(data) is None or not 0 < width * height <= MOST_PIXELS:
        return UNDECODED
    try:
        with captured_native_stderr() as said:
            image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
            is_damaged = any(words in said() for words in DAMAGED)
    except cv2.error:
        return UNDECODED
    return UNDECODED if image is None or is_damaged else image


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
