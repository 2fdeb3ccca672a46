"""The log: one MCAP chunk per frame, with the picture without loss, the row of its result and the
result's arrays.

Knows the three channels and how an entry is found again after a crash; not the container's bytes
(mcap.py), nor where a log is written or replayed. docs/recordings.md describes it.
"""

import json
import logging
import os
import struct
from typing import BinaryIO, Dict, Iterator, NamedTuple, Optional

import cv2
import numpy as np

from catseye.runtime.errors import CatseyeError, ModelFileError
from catseye.runtime.frame import Frame
from catseye.runtime.model_file.golden import (
    Arrays,
    GoldenCase,
    bytes_from_golden,
    golden_from_bytes,
)
from catseye.runtime.recording import mcap
from catseye.runtime.system.files import append_whole, sha256_hex
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks import Result

FORMAT = "1"
NAME = "catseye"  # of the metadata record
CAMERA, RESULT, ARRAYS = 1, 2, 3  # channels
# lossless, and by benchmarks/record.py the fastest of those that viewers show
PNG = [
    cv2.IMWRITE_PNG_COMPRESSION,
    1,
    cv2.IMWRITE_PNG_STRATEGY,
    cv2.IMWRITE_PNG_STRATEGY_HUFFMAN_ONLY,
]
COMPRESSED_IMAGE = """std_msgs/Header header
string format
uint8[] data
================================================================================
MSG: std_msgs/Header
uint32 seq
time stamp
string frame_id
"""
SCHEMAS = (
    mcap.Schema(1, "sensor_msgs/CompressedImage", "ros1msg", COMPRESSED_IMAGE),
    mcap.Schema(2, "catseye.Result", "jsonschema", '{"type": "object"}'),
)
CHANNELS = (
    mcap.Channel(CAMERA, 1, "/camera", "ros1"),
    mcap.Channel(RESULT, 2, "/result", "json"),
    mcap.Channel(ARRAYS, 0, "/arrays", "npz"),
)

log = logging.getLogger("catseye")


class Entry(NamedTuple):
    """One recorded frame.

    row: as `jsonl://` writes it, with `name` and `result_sha256`.  arrays: the result's own, by
    field.
    """

    frame: Frame
    row: JsonObject
    arrays: Arrays


class LogWriter:
    """A new log at `path`, in a `with` block; every append is on the file whole, or not at all."""

    def __init__(self, path: str, metadata: Dict[str, str]) -> None:
        """metadata: what computed the results, as text. Raises OSError where the file cannot be
        made."""
        start = mcap.file_start("catseye", NAME, dict(metadata, format=FORMAT), SCHEMAS, CHANNELS)
        self._summary, self._entries, self._end = mcap.Summary(start), 0, 0
        self._descriptor: Optional[int] = os.open(path, os.O_WRONLY + os.O_CREAT + os.O_EXCL, 0o666)
        self._append(start)

    def append(self, frame: Frame, result: Result, row: JsonObject) -> None:
        """Add one frame with its result; raises OSError where it does not fit on the disk."""
        arrays = result.arrays()
        said = dict(row, name=frame.name, result_sha256=digest_of(arrays))
        messages = [
            mcap.Message(channel, frame.timestamp_ns, data)
            for channel, data in (
                (CAMERA, _image_message(frame)),
                (RESULT, json.dumps(said, allow_nan=False).encode()),
                (ARRAYS, bytes_from_golden([GoldenCase({}, arrays)])),
            )
        ]
        chunk, indices = mcap.chunk_with_indices(messages, self._entries)
        begins = self._end
        self._append(chunk + b"".join(indices))
        self._summary.add(begins, len(chunk), messages, [len(index) for index in indices])
        self._entries += 1

    def close(self) -> None:
        """Finish the file with its index; a second call does nothing."""
        if self._descriptor is not None:
            try:
                self._append(self._summary.file_end(self._end))
                os.fsync(self._descriptor)
            finally:
                os.close(self._descriptor)
                self._descriptor = None

    def __enter__(self) -> "LogWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _append(self, data: bytes) -> None:
        assert self._descriptor is not None
        append_whole(self._descriptor, data, self._end)
        self._end += len(data)


class LogReader:
    """A log, whole or cut short. metadata: what computed the results; `card` in it is JSON."""

    def __init__(self, path: str) -> None:
        """Raises ModelFileError where `path` is no Catseye log, or holds no whole frame."""
        self.path = path
        with _opened(path) as stream:
            self.metadata = _metadata(stream, path)
            if not any(kind == mcap.CHUNK for kind, _ in mcap.read_records(stream)):
                raise ModelFileError(
                    "no whole frame in %s" % path, "a log with frames", "record it again"
                )

    def __iter__(self) -> Iterator[Entry]:
        """Every whole frame, in order; damaged ones are left out, and said. Raises ModelFileError
        where the file is gone."""
        whole, damaged = False, 0
        with _opened(self.path) as stream:
            for kind, payload in mcap.read_records(stream):
                whole = whole or kind == mcap.FOOTER
                if kind == mcap.CHUNK:
                    try:
                        yield _entry(payload)
                    except (ValueError, KeyError, TypeError, CatseyeError, cv2.error) as error:
                        damaged += 1
                        log.warning("%s: a damaged frame is left out (%s)", self.path, error)
        if not whole and not damaged:
            log.warning("%s was cut short; all its whole frames are here", self.path)


def digest_of(arrays: Arrays) -> str:
    """SHA-256 of names, types, shapes and bytes: equal for two results that are bit-identical, and
    for no others."""
    parts = []
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        parts += [("%s %s %s\n" % (name, array.dtype.str, array.shape)).encode(), array.tobytes()]
    return sha256_hex(b"".join(parts))


def _image_message(frame: Frame) -> bytes:
    """sensor_msgs/CompressedImage as ROS 1 puts it on the wire."""
    seconds, nanoseconds = divmod(frame.timestamp_ns, 10**9)
    head = struct.pack("<III", frame.index & 0xFFFFFFFF, seconds & 0xFFFFFFFF, nanoseconds)
    picture = cv2.imencode(".png", frame.image, PNG)[1].tobytes()
    return head + mcap.text("camera") + mcap.text("png") + struct.pack("<I", len(picture)) + picture


def _image_from_message(data: bytes) -> np.ndarray:
    at = 12
    for _ in ("frame_id", "format"):
        at += 4 + int.from_bytes(data[at : at + 4], "little")
    image = cv2.imdecode(np.frombuffer(data, np.uint8, offset=at + 4), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError("no picture")
    return image


def _entry(chunk: bytes) -> Entry:
    messages = {message.channel: message for message in mcap.messages_of_chunk(chunk)}
    row = json.loads(messages[RESULT].data.decode("utf-8"))
    image = _image_from_message(messages[CAMERA].data)
    frame = Frame(image, int(row["index"]), messages[CAMERA].time_ns, str(row["name"]))
    return Entry(frame, row, golden_from_bytes(messages[ARRAYS].data)[0].outputs)


def _metadata(stream: BinaryIO, path: str) -> Dict[str, str]:
    """The catseye record near the start; leaves the stream behind it."""
    for kind, payload in mcap.read_records(stream) if stream.tell() else ():
        try:
            if kind == mcap.METADATA and mcap.metadata_of(payload)[0] == NAME:
                return _checked(mcap.metadata_of(payload)[1], path)
        except ValueError:
            break
        if kind == mcap.CHUNK:
            break
    raise ModelFileError(
        "%s is no Catseye log" % path, "a log that record:// wrote", "check the path"
    )


def _checked(metadata: Dict[str, str], path: str) -> Dict[str, str]:
    if metadata.get("format") != FORMAT:
        raise ModelFileError(
            "%s has format %s" % (path, metadata.get("format")), FORMAT, "update catseye"
        )
    return metadata


def _opened(path: str) -> BinaryIO:
    """The file, behind its magic; at its start where it has none."""
    try:
        stream = open(path, "rb")
    except OSError as error:
        raise ModelFileError(
            "cannot read %s: %s" % (path, error.strerror),
            "a log that record:// wrote",
            "check the path",
        ) from error
    if stream.read(len(mcap.MAGIC)) != mcap.MAGIC:
        stream.seek(0)
    return stream
