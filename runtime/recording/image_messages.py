"""Compressed pictures as other programs record them: messages of ROS 1, ROS 2 and Foxglove.

Knows the fields of CompressedImage and four encodings of them (ROS 1's, CDR, protobuf, JSON); not
the file around a message, nor the picture in it. Lengths are checked before anything is taken.
"""

import base64
import struct
from typing import Callable, Dict, NamedTuple, Tuple

from catseye.runtime.model_file import protobuf
from catseye.runtime.recording import mcap
from catseye.runtime.system.json_document import json_from_bytes

SECOND_NS = 10**9
CDR_KINDS = (0, 1, 6, 7)  # plain CDR of both versions; odd ones are little-endian


class ImageMessage(NamedTuple):
    """stamp_ns: since 1970, as the camera's driver says.  data: a JPEG, a PNG or something else."""

    stamp_ns: int
    data: bytes


Reader = Callable[[bytes], ImageMessage]


def reader_of(schema: str, encoding: str) -> "Reader":
    """What reads messages of this schema in this encoding. Raises LookupError where nothing
    does."""
    return READERS[schema, encoding]


def _from_ros1(data: bytes) -> ImageMessage:
    _, seconds, nanoseconds = _unpacked("<III", data, 0)
    _, at = mcap.bytes_at(data, 12)  # frame_id
    _, at = mcap.bytes_at(data, at)  # format
    return ImageMessage(seconds * SECOND_NS + nanoseconds, mcap.bytes_at(data, at)[0])


def _foxglove_from_ros1(data: bytes) -> ImageMessage:
    seconds, nanoseconds = _unpacked("<II", data, 0)
    _, at = mcap.bytes_at(data, 8)  # frame_id
    return ImageMessage(seconds * SECOND_NS + nanoseconds, mcap.bytes_at(data, at)[0])


def _from_cdr(data: bytes) -> ImageMessage:
    reader = _Cdr(data)
    stamp_ns = reader.number() * SECOND_NS + reader.number()
    reader.block()  # frame_id
    reader.block()  # format
    return ImageMessage(stamp_ns, reader.block())


def _foxglove_from_cdr(data: bytes) -> ImageMessage:
    reader = _Cdr(data)
    stamp_ns = reader.number() * SECOND_NS + reader.number()
    reader.block()  # frame_id
    return ImageMessage(stamp_ns, reader.block())


def _foxglove_from_protobuf(data: bytes) -> ImageMessage:
    stamp_ns, picture = 0, b""
    for number, kind, value in protobuf.fields(data):
        if number == 1 and kind == protobuf.BYTES and isinstance(value, memoryview):
            stamp_ns = _time_from_protobuf(value)
        elif number == 2 and kind == protobuf.BYTES and isinstance(value, memoryview):
            picture = bytes(value)
    return ImageMessage(stamp_ns, picture)


def _time_from_protobuf(data: memoryview) -> int:
    parts = {1: 0, 2: 0}  # seconds, nanoseconds
    for number, kind, value in protobuf.fields(data):
        if number in parts and kind == protobuf.VARINT and isinstance(value, int):
            parts[number] = protobuf.int64_from_varint(value)
    return parts[1] * SECOND_NS + parts[2]


def _foxglove_from_json(data: bytes) -> ImageMessage:
    document = json_from_bytes(data)
    stamp = document.get("timestamp", {}) if isinstance(document, dict) else None
    text = document.get("data") if isinstance(document, dict) else None
    parts = [stamp.get(name, 0) for name in ("sec", "nsec")] if isinstance(stamp, dict) else []
    if len(parts) != 2 or not all(isinstance(part, int) for part in parts):
        raise ValueError("a picture without a time")
    if not isinstance(text, str):
        raise ValueError("a picture without data")
    return ImageMessage(parts[0] * SECOND_NS + parts[1], base64.b64decode(text, validate=True))


class _Cdr:
    """Fields of CDR one after another, each at a multiple of four bytes behind the head."""

    def __init__(self, data: bytes) -> None:
        if len(data) < 4 or data[0] != 0 or data[1] not in CDR_KINDS:
            raise ValueError("no plain CDR")
        self._data, self._at = data[4:], 0
        self._order = "<" if data[1] % 2 else ">"

    def number(self) -> int:
        at = -(-self._at // 4) * 4
        (value,) = _unpacked(self._order + "I", self._data, at)
        self._at = at + 4
        return value

    def block(self) -> bytes:
        """A text or bytes, behind their length."""
        length = self.number()
        if length > len(self._data) - self._at:
            raise ValueError("%d bytes of %d" % (length, len(self._data) - self._at))
        begin, self._at = self._at, self._at + length
        return self._data[begin : self._at]


def _unpacked(form: str, data: bytes, at: int) -> Tuple[int, ...]:
    try:
        return struct.unpack_from(form, data, at)
    except struct.error as error:
        raise ValueError(str(error)) from error


READERS: Dict[Tuple[str, str], Reader] = {
    ("sensor_msgs/CompressedImage", "ros1"): _from_ros1,
    ("sensor_msgs/msg/CompressedImage", "cdr"): _from_cdr,
    ("foxglove.CompressedImage", "protobuf"): _foxglove_from_protobuf,
    ("foxglove.CompressedImage", "json"): _foxglove_from_json,
    ("foxglove_msgs/CompressedImage", "ros1"): _foxglove_from_ros1,
    ("foxglove_msgs/msg/CompressedImage", "cdr"): _foxglove_from_cdr,
}
