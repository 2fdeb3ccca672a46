"""Where a video file changes the size of its pictures, which OpenCV hides: 4.13 and later scale to
the first size, 4.6 to 4.12 repeat the last picture.

The packets are read beside the decoder, one for each frame, as far as parameter sets stand among
them (transport streams, raw H.264 and H.265: the files that people join). Knows cv2.VideoCapture's
raw mode, and how the part that begins with other parameters is opened by itself.
"""

import mmap
import os
from typing import NamedTuple, Optional, Tuple

import cv2

from catseye.runtime.sources.coding.header import codec_of, extra_data
from catseye.runtime.sources.coding.parameters import (
    START_CODE,
    newest_parameters,
    parameters_of,
    units_of,
)
from catseye.runtime.sources.streams.settings import OPENING, OPTIONS_VARIABLE

HAS_KEY_FRAME = getattr(cv2, "CAP_PROP_LRF_HAS_KEY_FRAME", -1)  # OpenCV 4.1 lacks it
# of a transport stream: the first byte, how long packets are, and how many hold its tables at most
SYNC, TS_PACKETS, TABLES = 0x47, (188, 192), 64


class Part(NamedTuple):
    """A part of the file with pictures of one size. begins: byte of the file.  unit: its parameter
    set."""

    begins: int
    unit: bytes
    size_wh: Tuple[int, int]


class SizeChanges:
    """Asked once for every frame of a part of a file."""

    def __init__(self, path: str, part: Part, packets: "cv2.VideoCapture", codec: str) -> None:
        self._path, self._part, self._packets, self._codec = path, part, packets, codec

    def part_that_begins(self) -> Optional[Part]:
        """The part that begins with the next frame; None where this part goes on. begins is -1
        where it was not found in the file."""
        if not self._packets.grab() or not self._packets.get(HAS_KEY_FRAME):
            return None
        ok, packet = self._packets.retrieve()
        for unit in units_of(self._codec, packet.tobytes()) if ok else ():
            found = parameters_of(self._codec, unit)
            if found is not None and found.size_wh != self._part.size_wh:
                begins = _begin_of(self._path, unit.rstrip(b"\0"), self._part.begins)
                return Part(begins, unit, found.size_wh)
        return None

    def close(self) -> None:
        self._packets.release()


def size_changes(path: str, part: Optional[Part] = None) -> Optional[SizeChanges]:
    """To be asked for every frame from the part's first one on (None: the file's); None where the
    file is of a kind that cannot change."""
    packets = opened_from(path, part.begins if part else 0)
    codec, data = codec_of(packets), extra_data(packets)
    told = newest_parameters(codec, units_of(codec, data)) if codec else None
    can_change = HAS_KEY_FRAME >= 0 and START_CODE in data[:4] and told is not None
    if not can_change or not packets.set(cv2.CAP_PROP_FORMAT, -1):
        packets.release()
        return None
    assert told is not None
    return SizeChanges(path, part or Part(0, b"", told.size_wh), packets, codec)


def opened_from(path: str, begins: int) -> "cv2.VideoCapture":
    """The file from that byte on, open or not."""
    if not begins:
        return cv2.VideoCapture(path)
    with OPENING:
        before = os.environ.get(OPTIONS_VARIABLE)
        os.environ[OPTIONS_VARIABLE] = "skip_initial_bytes;%d" % begins
        try:
            return cv2.VideoCapture(path, cv2.CAP_FFMPEG)
        finally:
            os.environ.pop(OPTIONS_VARIABLE)
            if before is not None:
                os.environ[OPTIONS_VARIABLE] = before


def _begin_of(path: str, unit: bytes, after: int) -> int:
    """Where to begin to read the part whose parameters these are: -1 where they do not stand in the
    file in one piece."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at = data.find(START_CODE + unit, after)
        if at < 0:
            return -1
        for length in TS_PACKETS:
            first = at - at % length
            begins = range(first, max(first - TABLES * length, -1), -length)
            if all(data[each + length - 188] == SYNC for each in begins[:4]):
                return next(
                    (each for each in begins if not _packet_id(data, each + length - 188)), first
                )
        return at


def _packet_id(data: mmap.mmap, at: int) -> int:
    """0: the table of programmes, with which a transport stream begins."""
    return int.from_bytes(data[at + 1 : at + 3], "big") & 0x1FFF
