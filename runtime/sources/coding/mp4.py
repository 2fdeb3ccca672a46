"""What an MP4's boxes say beside the stream: how long a cut one plays, and its colours (ISO/IEC
14496-12).

Knows boxes; reads a few bounded ones of the file and nothing of the pictures.
"""

import os
import struct
from contextlib import suppress
from typing import BinaryIO, Dict, Iterator, NamedTuple, Optional, Tuple

from catseye.runtime.sources.coding.parameters import newest_parameters, units_of

FAMILIES = (b"moov", b"trak", b"edts", b"mdia", b"minf", b"stbl")
MOST_BOXES = 4096
MOST_BYTES = 1 << 16  # of one box that is read whole
CONFIGURATIONS = {b"avcC": "h264", b"hvcC": "h265"}
ENTRY_BYTES = 86  # of a visual sample entry, its own header counted, before its boxes


class Mp4Facts(NamedTuple):
    """plays_s: how long the first video plays by its edit list, 0 where it has none.  matrix:
    matrix_coefficients of its colours, None where nothing is said of them."""

    plays_s: float = 0.0
    matrix: Optional[int] = None


def mp4_facts(path: str) -> Mp4Facts:
    """Of the first video in the file; nothing known for any other file, or a damaged one."""
    with suppress(OSError, struct.error, ValueError), open(path, "rb") as file:
        if file.read(8)[4:] not in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
            return Mp4Facts()
        return _facts_of(file, os.path.getsize(path))
    return Mp4Facts()


def _facts_of(file: BinaryIO, size: int) -> Mp4Facts:
    movie_scale = 0
    track: Dict[bytes, bytes] = {}
    for kind, data in _boxes(file, 0, size):
        if kind == b"mvhd":
            at = 20 if data[0] else 12  # 64-bit times in version 1
            movie_scale = struct.unpack_from(">I", data, at)[0]
        elif kind == b"trak":
            if track.get(b"hdlr", b"")[8:12] == b"vide":
                break
            track = {}
        else:
            track.setdefault(kind, data)
    if track.get(b"hdlr", b"")[8:12] != b"vide":
        return Mp4Facts()
    plays_s = _edited(track[b"elst"]) / movie_scale if b"elst" in track and movie_scale else 0.0
    return Mp4Facts(plays_s, _matrix_in(track.get(b"stsd", b"")))


def _boxes(file: BinaryIO, at: int, end: int) -> Iterator[Tuple[bytes, bytes]]:
    """(kind, content) of all boxes in order, families opened: they come empty."""
    for _ in range(MOST_BOXES):
        if at + 8 > end:
            return
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        header = 8
        if length == 1:
            length, header = struct.unpack(">Q", file.read(8))[0], 16
        elif length == 0:
            length = end - at
        if length < header:
            raise ValueError(length)
        is_family = kind in FAMILIES
        is_read = not is_family and length <= MOST_BYTES and kind != b"mdat"
        yield kind, file.read(length - header) if is_read else b""
        at += header if is_family else length


def _edited(edits: bytes) -> int:
    """How long the edits play, in units of the movie's clock; empty ones do not."""
    is_long, count = edits[0] == 1, struct.unpack_from(">I", edits, 4)[0]
    layout = ">Qqi" if is_long else ">Iii"
    size = struct.calcsize(layout)
    total = 0
    for i in range(min(count, MOST_BYTES // size)):
        duration, begin, _ = struct.unpack_from(layout, edits, 8 + i * size)
        total += duration if begin >= 0 else 0
    return total


def _matrix_in(descriptions: bytes) -> Optional[int]:
    """matrix_coefficients of the first sample entry: the stream's own go before the `colr` box."""
    of_stream = of_container = None
    for kind, content in _boxes_within(descriptions):
        if kind in CONFIGURATIONS:
            codec = CONFIGURATIONS[kind]
            told = newest_parameters(codec, units_of(codec, content))
            of_stream = told.matrix if told else None
        elif kind == b"colr" and content[:4] in (b"nclx", b"nclc"):
            of_container = int(struct.unpack_from(">H", content, 8)[0])
    return of_container if of_stream is None else of_stream


def _boxes_within(descriptions: bytes) -> Iterator[Tuple[bytes, bytes]]:
    """(kind, content) of the boxes of the first sample entry."""
    at, end = 8 + ENTRY_BYTES, min(len(descriptions), 8 + _length(descriptions, 8))
    while at + 8 <= end:
        length, kind = struct.unpack_from(">I4s", descriptions, at)
        if length < 8:
            break
        yield kind, descriptions[at + 8 : at + length]
        at += length


def _length(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big")
