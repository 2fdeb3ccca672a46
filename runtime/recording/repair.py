"""A log that was cut short gets the end that its writer could not give it: index and summary, so
that every reader of MCAP opens it.

Knows where the frames of our logs stand (one chunk and its indices each); reads their heads only,
so that gigabytes take a second. Nothing but the frame that was never whole is taken away.
"""

import fcntl
import os
import struct
import zlib
from contextlib import contextmanager, suppress
from typing import BinaryIO, Iterator, List, NamedTuple, Optional, Tuple

from catseye.runtime.errors import ModelFileError
from catseye.runtime.recording import mcap
from catseye.runtime.recording.log import LogReader
from catseye.runtime.system.files import append_whole

HEAD_BYTES = 9  # of a record: its kind and its length
# what a writer may leave of a frame that is larger than all before
MOST_OF_A_FRAME, SPARE_BYTES = 4, 1 << 20
LONGEST_INDICES = 200  # bytes behind a chunk


class _Place(NamedTuple):
    """Where a whole chunk stands. messages: without their data.  crc: as it says.  indices: how
    many bytes of them follow it, whole ones."""

    begin: int
    length: int
    messages: List[mcap.Message]
    offsets: List[int]
    crc: int
    indices: int


def is_cut_short(path: str) -> bool:
    """Whether this begins as MCAP does and does not end so."""
    if not os.path.isfile(path):  # a pipe would wait for its writer
        return False
    with suppress(OSError), open(path, "rb") as stream:
        if stream.read(len(mcap.MAGIC)) == mcap.MAGIC:
            stream.seek(-len(mcap.MAGIC), os.SEEK_END)
            return stream.read() != mcap.MAGIC or stream.tell() == len(mcap.MAGIC)
    return False


def finish_log(path: str) -> int:
    """Write the end of a log that has none, or a damaged one; how many frames it holds.

    Raises ModelFileError where it is being written, cannot be, holds no whole frame, or is damaged
    within: then it stays as it is.
    """
    LogReader(path)  # is it ours?
    with _locked(path) as stream:
        size = stream.seek(0, os.SEEK_END)
        start = _start(stream, size)
        summary, end, largest, last = mcap.Summary(start), len(start), 0, None
        for place in _places(stream, len(start), size):
            if last is not None:
                _count(summary, last)
            last, largest = place, max(largest, place.length)
        indices = b""
        # what a power cut left may have its length and not its bytes
        if last is not None and _is_whole(stream, last):
            _count(summary, last)
            end, indices = last.begin + last.length, b"".join(_indices(last))
        elif last is not None:
            end = last.begin
        if not summary.chunks:
            raise ModelFileError("no whole frame in %s" % path, "a log with frames", "record again")
        if not _is_cut(stream, end + len(indices), MOST_OF_A_FRAME * largest + SPARE_BYTES):
            raise ModelFileError(
                "%s is damaged after frame %d, and others may follow" % (path, summary.chunks),
                "a log that was cut short",
                "it is left as it is; `catseye replay` reads the frames before",
            )
        _write_end(stream, end, indices + summary.file_end(end + len(indices)))
        return summary.chunks


@contextmanager
def _locked(path: str) -> Iterator[BinaryIO]:
    """The file, whose writer is gone."""
    try:
        with open(path, "r+b", buffering=0) as stream:
            fcntl.flock(stream.fileno(), fcntl.LOCK_EX + fcntl.LOCK_NB)  # + is |
            yield stream
    except BlockingIOError:
        raise ModelFileError("%s is being written" % path, "a log whose run is over", "stop it")
    except OSError as error:
        raise ModelFileError(
            "cannot finish %s: %s" % (path, error.strerror), "a writable log", "copy it elsewhere"
        ) from error


def _start(stream: BinaryIO, size: int) -> bytes:
    """Magic and records before the first chunk."""
    at = len(mcap.MAGIC)
    while True:
        kind, length = _head(stream, at)
        if kind == mcap.CHUNK or length > size - at - HEAD_BYTES or not kind:
            stream.seek(0)
            return stream.read(at)
        at += HEAD_BYTES + length


def _places(stream: BinaryIO, at: int, size: int) -> Iterator[_Place]:
    """Whole chunks from there on, until something else comes."""
    while True:
        place = _place(stream, at, size)
        if place is None:
            return
        yield place
        at = place.begin + place.length + place.indices
        if place.indices < sum(len(index) for index in _indices(place)):
            return


def _place(stream: BinaryIO, at: int, size: int) -> Optional[_Place]:
    kind, length = _head(stream, at)
    end = at + HEAD_BYTES + length
    if kind != mcap.CHUNK or end > size or length < mcap.CHUNK_HEAD_BYTES:
        return None
    head = os.pread(stream.fileno(), mcap.CHUNK_HEAD_BYTES, at + HEAD_BYTES)
    (crc,) = struct.unpack_from("<I", head, 24)
    begin = message_at = at + HEAD_BYTES + mcap.CHUNK_HEAD_BYTES
    messages, offsets = [], []
    while message_at < end:
        kind, length = _head(stream, message_at)
        if kind != mcap.MESSAGE or not 22 <= length <= end - message_at - HEAD_BYTES:
            return None
        record = os.pread(stream.fileno(), 22, message_at + HEAD_BYTES)
        messages.append(mcap.message_from_record(record))
        offsets.append(message_at - begin)
        message_at += HEAD_BYTES + length
    if not messages:
        return None
    place = _Place(at, end - at, messages, offsets, crc, 0)
    written = os.pread(stream.fileno(), sum(len(each) for each in _indices(place)), end)
    return place._replace(indices=len(os.path.commonprefix([written, b"".join(_indices(place))])))


def _indices(place: _Place) -> List[bytes]:
    return [
        mcap.message_index(message, offset)
        for message, offset in zip(place.messages, place.offsets)
    ]


def _count(summary: mcap.Summary, place: _Place) -> None:
    lengths = [len(index) for index in _indices(place)]
    summary.add(place.begin, place.length, place.messages, lengths)


def _is_whole(stream: BinaryIO, place: _Place) -> bool:
    lead = HEAD_BYTES + mcap.CHUNK_HEAD_BYTES
    records = os.pread(stream.fileno(), place.length - lead, place.begin + lead)
    return zlib.crc32(records) == place.crc


def _is_cut(stream: BinaryIO, at: int, largest: int) -> bool:
    """Whether an end or a part of one frame stands there, of so many bytes at most: else something
    in between is damaged, and there may be frames behind it."""
    size = stream.seek(0, os.SEEK_END)
    kind, length = _head(stream, at)
    if size - at < HEAD_BYTES or kind == mcap.DATA_END or _is_zero(stream, at):
        return True
    its_end = at + HEAD_BYTES + length
    return kind == mcap.CHUNK and length <= largest and its_end + LONGEST_INDICES >= size


def _is_zero(stream: BinaryIO, begin: int) -> bool:
    """Whether the file never got the bytes from there on, as after a power cut."""
    stream.seek(begin)
    return not any(any(piece) for piece in iter(lambda: stream.read(SPARE_BYTES), b""))


def _write_end(stream: BinaryIO, at: int, data: bytes) -> None:
    """Replace what stands there; nothing happens where it is this already."""
    if os.pread(stream.fileno(), len(data) + 1, at) == data:
        return
    os.ftruncate(stream.fileno(), at)
    append_whole(stream.fileno(), data, at)
    os.fsync(stream.fileno())


def _head(stream: BinaryIO, at: int) -> Tuple[int, int]:
    """Kind and length of the record there; 0, 0 at the end of the file, or in what never got its
    bytes."""
    head = os.pread(stream.fileno(), HEAD_BYTES, at)
    kind, length = struct.unpack("<BQ", head.ljust(HEAD_BYTES, b"\0"))
    return kind, length
