"""Fragmented MP4: a video that grows piece by piece and can be played at every moment, whatever
stops the writer.

Knows boxes (ISO/IEC 14496-12) and one video track; not how pictures were encoded. OpenCV's writer
puts the index of an MP4 at its end, and has no option against it, so a video that is cut short does
not open; and it knows one pace only. Here short complete files are written, and each is appended to
the growing one as a fragment: its samples, with an index of their own in front that tells how long
each is shown.

    ftyp  moov(mvhd trak mvex)  moof mdat  moof mdat  ...

The same, picture by picture, is what a viewer of /stream.mp4 is sent (avc.py begins it).
"""

import os
import struct
from typing import Iterator, List, NamedTuple, Optional, Sequence, Tuple

from catseye.runtime.errors import SinkError
from catseye.runtime.system.files import append_whole, settle
from catseye.runtime.system.free_names import is_at, named
from catseye.runtime.system.staging import staged_file

FTYP = b"isom" + struct.pack(">I", 0x200) + b"isomiso5mp41"
SYNC, NOT_SYNC = 0x02000000, 0x01010000  # sample flags: a key frame; a frame that needs others
DEFAULT_BASE_IS_MOOF = 0x020000  # of tfhd's flags
# flags of trun
DATA_OFFSET, SAMPLE_DURATION, SAMPLE_SIZE, SAMPLE_FLAGS = 0x001, 0x100, 0x200, 0x400
EMPTY_TABLES = ((b"stts", 8), (b"stsc", 8), (b"stsz", 12), (b"stco", 8))  # and their sizes in bytes
# where the duration stands in the payload of a box, by version 0 and 1, and how wide it is then
DURATIONS = {b"mvhd": (16, 24), b"tkhd": (20, 28), b"mdhd": (16, 24)}


class Piece(NamedTuple):
    """One short video taken apart. scale: units of the track's time in a second."""

    moov: bytes
    samples: List[bytes]
    is_key: List[bool]
    scale: int


class FragmentedFile:
    """An .mp4 that takes its name with its first fragment and can be played from then on.

    path: that name, once it has one; the wanted one or the next that is free.
    """

    def __init__(self, path: str) -> None:
        self.path = self._wanted = path
        self._descriptor: Optional[int] = None
        self._pieces, self._end, self._begins_s = 0, 0, 0.0

    def append(self, video: bytes, times_s: Sequence[float], last_s: float) -> None:
        """Add a short complete MP4 of one video track. times_s: when each of its pictures is shown,
        rising; the first of a file begins it.  last_s: how long the last one is, unless the next
        piece begins earlier.

        Raises SinkError where it is no such video, OSError where it does not fit on the disk; what
        was there before is kept.
        """
        piece = piece_from_mp4(video)
        if len(piece.samples) != len(times_s):
            raise _not_whole("%d of %d pictures" % (len(piece.samples), len(times_s)))
        if self._descriptor is not None and not is_at(self.path, self._descriptor):
            self.close()  # taken away: what comes now begins a video of its own
        if self._descriptor is None:
            self._begin(piece, times_s, last_s)
        else:
            starts = self._starts(piece, times_s, last_s)
            data = _fragment_of(piece, self._pieces + 1, starts)
            append_whole(self._descriptor, data, self._end)
            self._end += len(data)
        self._pieces += 1

    def close(self) -> None:
        """Raises OSError where the last of it cannot be brought to the disk."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _starts(self, piece: Piece, times_s: Sequence[float], last_s: float) -> List[int]:
        """When each sample begins and the last one ends, in the track's time scale."""
        moments_s = [*times_s, times_s[-1] + last_s]
        return [round((moment_s - self._begins_s) * piece.scale) for moment_s in moments_s]

    def _begin(self, piece: Piece, times_s: Sequence[float], last_s: float) -> None:
        self._begins_s = times_s[0]
        head = box(b"ftyp", FTYP) + box(b"moov", _header(piece.moov))
        data = head + _fragment_of(piece, 1, self._starts(piece, times_s, last_s))
        descriptor, temporary = staged_file(self._wanted)
        try:
            append_whole(descriptor, data, 0)
            settle(temporary)
            self.path = named(temporary, self._wanted)
        except OSError:
            os.unlink(temporary)
            os.close(descriptor)
            raise
        self._descriptor = descriptor  # stays valid, and locked, under the file's name
        self._pieces, self._end = 0, len(data)


def piece_from_mp4(video: bytes) -> Piece:
    """Take an MP4 with one video track apart; raises SinkError where it is not whole."""
    try:
        moov = _child(video, b"moov")
        table = _child(moov, b"trak", b"mdia", b"minf", b"stbl")
        samples = list(_samples(video, table))
        keys = (
            _numbers(_child(table, b"stss"), 4)
            if _has(table, b"stss")
            else range(1, len(samples) + 1)
        )
        scale = _scale(_child(moov, b"trak", b"mdia", b"mdhd"))
    except (struct.error, LookupError, ValueError) as error:
        raise _not_whole(str(error)) from error
    return Piece(
        moov, samples, [number in set(keys) for number in range(1, len(samples) + 1)], scale
    )


def _scale(mdhd: bytes) -> int:
    """Units in a second; behind two times, which version 1 has wider."""
    return int(struct.unpack_from(">I", mdhd, 20 if mdhd[0] else 12)[0])


def _not_whole(reason: str) -> SinkError:
    return SinkError(
        "the encoder wrote a video that is not whole (%s)" % reason,
        "an MP4 of one track",
        "free some space, or write to a folder",
    )


def _samples(video: bytes, table: bytes) -> Iterator[bytes]:
    """The encoded frames in order: chunks by their offset, samples in a chunk one after another."""
    sizes = _sample_sizes(_child(table, b"stsz"))
    wide = _has(table, b"co64")
    offsets = _numbers(_child(table, b"co64" if wide else b"stco"), 4, ">Q" if wide else ">I")
    done = 0
    for offset, count in zip(offsets, _samples_per_chunk(_child(table, b"stsc"), len(offsets))):
        for size in sizes[done : done + count]:
            if offset + size > len(video):
                raise ValueError("it is cut off")
            yield video[offset : offset + size]
            offset += size
        done += count


def _sample_sizes(stsz: bytes) -> List[int]:
    size, count = struct.unpack_from(">II", stsz, 4)
    return [size] * count if size else _numbers(stsz, 8)


def _samples_per_chunk(stsc: bytes, chunks: int) -> List[int]:
    """stsc tells from which chunk on how many samples are in each."""
    runs = [
        struct.unpack_from(">III", stsc, 8 + 12 * run)
        for run in range(struct.unpack_from(">I", stsc, 4)[0])
    ]
    ends = [first for first, _, _ in runs[1:]] + [chunks + 1]
    return [count for (first, count, _), end in zip(runs, ends) for _ in range(first, end)]


def _numbers(payload: bytes, at: int, form: str = ">I") -> List[int]:
    """A counted list: its length at `at`, its entries after it."""
    count, width = struct.unpack_from(">I", payload, at)[0], struct.calcsize(form)
    return [struct.unpack_from(form, payload, at + 4 + width * index)[0] for index in range(count)]


def _header(moov: bytes) -> bytes:
    """The moov of a file that has no samples yet: how the track is decoded, and that fragments will
    come."""
    track = struct.unpack_from(">I", _child(moov, b"trak", b"tkhd"), 12)[0]
    kept = b"".join(
        box(kind, _without_samples(kind, payload))
        for kind, payload in _boxes(moov)
        if kind in (b"mvhd", b"trak")
    )
    return kept + fragments_follow(track)


def fragments_follow(track: int) -> bytes:
    """The box of a moov that says so."""
    return box(b"mvex", box(b"trex", struct.pack(">6I", 0, track, 1, 0, 0, 0)))


def no_samples() -> bytes:
    """The tables of a track whose samples are all in fragments."""
    return b"".join(box(name, bytes(size)) for name, size in EMPTY_TABLES)


def _without_samples(kind: bytes, payload: bytes) -> bytes:
    if kind in DURATIONS:
        version = payload[0]
        at, width = DURATIONS[kind][version], 8 if version else 4
        return payload[:at] + bytes(width) + payload[at + width :]
    if kind == b"stbl":
        return box(b"stsd", _child(payload, b"stsd")) + no_samples()
    if kind in (b"trak", b"mdia", b"minf"):
        return b"".join(
            box(inner, _without_samples(inner, data))
            for inner, data in _boxes(payload)
            if inner != b"edts"
        )
    return payload


def _fragment_of(piece: Piece, number: int, starts: Sequence[int]) -> bytes:
    track = struct.unpack_from(">I", _child(piece.moov, b"trak", b"tkhd"), 12)[0]
    return fragment(track, number, piece.samples, piece.is_key, starts)


def fragment(
    track: int,
    number: int,
    samples: Sequence[bytes],
    is_key: Sequence[bool],
    starts: Sequence[int],
) -> bytes:
    """moof and mdat. number: from 1 on.  starts: of each sample, and the end of the last, in the
    track's time scale."""
    rows = b"".join(
        struct.pack(">III", end - start, len(sample), SYNC if key else NOT_SYNC)
        for sample, key, start, end in zip(samples, is_key, starts, starts[1:])
    )
    size = len(_moof(number, track, starts[0], rows, 0))
    return _moof(number, track, starts[0], rows, size + 8) + box(b"mdat", b"".join(samples))


def _moof(number: int, track: int, begins: int, rows: bytes, data_offset: int) -> bytes:
    header = box(b"tfhd", struct.pack(">II", DEFAULT_BASE_IS_MOOF, track))
    starts = box(b"tfdt", struct.pack(">IQ", 1 << 24, begins))
    flags = DATA_OFFSET | SAMPLE_DURATION | SAMPLE_SIZE | SAMPLE_FLAGS
    run = box(b"trun", struct.pack(">III", flags, len(rows) // 12, data_offset) + rows)
    return box(
        b"moof", box(b"mfhd", struct.pack(">II", 0, number)) + box(b"traf", header + starts + run)
    )


def box(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", 8 + len(payload)) + kind + payload


def _boxes(data: bytes) -> Iterator[Tuple[bytes, bytes]]:
    """(kind, payload) of the boxes that follow one another in `data`."""
    at = 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            head, size = 16, struct.unpack_from(">Q", data, at + 8)[0]
        if size < head or at + size > len(data):
            raise ValueError("box %r is cut off" % kind)
        yield kind, data[at + head : at + size]
        at += size


def _child(data: bytes, *path: bytes) -> bytes:
    """Payload of the first box at the end of this path of kinds; raises LookupError where there is
    none."""
    for kind in path:
        found = next((payload for name, payload in _boxes(data) if name == kind), None)
        if found is None:
            raise LookupError("no box %s" % kind.decode())
        data = found
    return data


def _has(data: bytes, kind: bytes) -> bool:
    return any(name == kind for name, _ in _boxes(data))
