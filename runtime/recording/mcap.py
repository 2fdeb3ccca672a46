"""MCAP, the container that robotics viewers read: its records written and read with the standard
library alone.

Knows the layout of https://mcap.dev/spec (version 0), uncompressed chunks only; not what a message
means. The official library wants Python packages with C code that a board does not have.

    magic  Header Metadata Schema* Channel*  (Chunk MessageIndex*)*  DataEnd  summary  Footer  magic
"""

import os
import struct
import zlib
from typing import BinaryIO, Dict, Iterator, List, NamedTuple, Sequence, Tuple

MAGIC = b"\x89MCAP0\r\n"
HEADER, FOOTER, SCHEMA, CHANNEL, MESSAGE, CHUNK, MESSAGE_INDEX, CHUNK_INDEX = range(1, 9)
STATISTICS, METADATA, METADATA_INDEX, DATA_END = 0x0B, 0x0C, 0x0D, 0x0F
COUNT_BYTES = 2 + 8  # of a channel's messages, in the statistics
CHUNK_HEAD_BYTES = 8 + 8 + 8 + 4 + 4 + 8  # times, size, CRC, no compression, size
LARGEST_RECORD = 1 << 30  # bytes; a length beyond it is damage


class Message(NamedTuple):
    """One message: its channel, its time in nanoseconds since 1970, its bytes."""

    channel: int
    time_ns: int
    data: bytes


class Schema(NamedTuple):
    """number: from 1.  encoding: how `text` describes the message."""

    number: int
    name: str
    encoding: str
    text: str


class Channel(NamedTuple):
    """schema: number of its Schema, 0 where it has none.  encoding: of the messages."""

    number: int
    schema: int
    topic: str
    encoding: str


class Summary:
    """What stands at the end of a whole file, so that viewers can jump; kept packed, some hundred
    bytes per chunk."""

    def __init__(self, start: bytes) -> None:
        """start: what `file_start` gave, whose schemas and channels are repeated."""
        self._start = start
        self._indices = bytearray()
        self._counts: Dict[int, int] = {}
        self.chunks, self._first_ns, self._last_ns = 0, 0, 0
        self._bare_bytes = len(self.file_end(0))  # of the end of a file without chunks

    @property
    def end_bytes(self) -> int:
        """How long `file_end` is now."""
        return self._bare_bytes + len(self._indices) + COUNT_BYTES * len(self._counts)

    def add(
        self,
        offset: int,
        chunk_length: int,
        messages: Sequence[Message],
        index_lengths: Sequence[int],
    ) -> None:
        """Count a chunk that begins at `offset`, followed by one message index per message, whose
        data are not looked at."""
        times = [message.time_ns for message in messages]
        self._first_ns = min(times + ([self._first_ns] if self.chunks else []))
        self._last_ns, self.chunks = max(times + [self._last_ns]), self.chunks + 1
        at, places = offset + chunk_length, b""
        for message, length in zip(messages, index_lengths):
            self._counts[message.channel] = self._counts.get(message.channel, 0) + 1
            places += struct.pack("<HQ", message.channel, at)
            at += length
        size = chunk_length - 9 - CHUNK_HEAD_BYTES
        self._indices += record(
            CHUNK_INDEX,
            struct.pack("<QQQQI", min(times), max(times), offset, chunk_length, len(places))
            + places
            + struct.pack("<Q", sum(index_lengths))
            + text("")
            + struct.pack("<QQ", size, size),
        )

    def file_end(self, offset: int) -> bytes:
        """DataEnd, summary, Footer and magic of a file whose data ends at `offset`."""
        data_end = record(DATA_END, struct.pack("<I", 0))
        parts = dict.fromkeys((SCHEMA, CHANNEL), b"")
        metadata, at = b"", len(MAGIC)
        for kind, payload in records_in(self._start[len(MAGIC) :]):
            if kind in parts:
                parts[kind] += record(kind, payload)
            if kind == METADATA:
                name = payload[: 4 + struct.unpack_from("<I", payload)[0]]
                metadata = record(METADATA_INDEX, struct.pack("<QQ", at, 9 + len(payload)) + name)
            at += 9 + len(payload)
        body = parts[SCHEMA] + parts[CHANNEL] + bytes(self._indices) + metadata + self._statistics()
        footer = struct.pack("<QQ", offset + len(data_end), 0)
        crc = zlib.crc32(body + struct.pack("<BQ", FOOTER, len(footer) + 4) + footer)
        return data_end + body + record(FOOTER, footer + struct.pack("<I", crc)) + MAGIC

    def _statistics(self) -> bytes:
        counts = b"".join(
            struct.pack("<HQ", channel, count) for channel, count in sorted(self._counts.items())
        )
        kinds = [kind for kind, _ in records_in(self._start[len(MAGIC) :])]
        return record(
            STATISTICS,
            struct.pack(
                "<QHIIIIQQI",
                sum(self._counts.values()),
                kinds.count(SCHEMA),
                kinds.count(CHANNEL),
                0,
                kinds.count(METADATA),
                self.chunks,
                self._first_ns,
                self._last_ns,
                len(counts),
            )
            + counts,
        )


def is_recording(path: str) -> bool:
    """Whether it is a file, can be read, and begins as MCAP does."""
    try:
        if not os.path.isfile(path):
            return False  # a pipe, say, which an open would wait for
        with open(path, "rb") as stream:
            return stream.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def file_start(
    library: str,
    name: str,
    metadata: Dict[str, str],
    schemas: Sequence[Schema],
    channels: Sequence[Channel],
) -> bytes:
    """Magic, Header, one Metadata record of this name, and the schemas and channels."""
    pairs = b"".join(text(key) + text(value) for key, value in metadata.items())
    parts = [
        MAGIC,
        record(HEADER, text("") + text(library)),
        record(METADATA, text(name) + struct.pack("<I", len(pairs)) + pairs),
    ]
    parts += [
        record(
            SCHEMA,
            struct.pack("<H", schema.number)
            + text(schema.name)
            + text(schema.encoding)
            + text(schema.text),
        )
        for schema in schemas
    ]
    parts += [
        record(
            CHANNEL,
            struct.pack("<HH", channel.number, channel.schema)
            + text(channel.topic)
            + text(channel.encoding)
            + struct.pack("<I", 0),
        )
        for channel in channels
    ]
    return b"".join(parts)


def chunk_with_indices(messages: Sequence[Message], sequence: int) -> Tuple[bytes, List[bytes]]:
    """A chunk of these messages, one per channel, with its CRC; and the message index records that
    follow it."""
    records, indices = b"", []
    for message in messages:
        indices.append(message_index(message, len(records)))
        records += record(
            MESSAGE,
            struct.pack("<HIQQ", message.channel, sequence, message.time_ns, message.time_ns)
            + message.data,
        )
    times = [message.time_ns for message in messages]
    head = struct.pack("<QQQI", min(times), max(times), len(records), zlib.crc32(records))
    return record(CHUNK, head + text("") + struct.pack("<Q", len(records)) + records), indices


def message_index(message: Message, offset: int) -> bytes:
    """The MessageIndex record of a message that stands there among the records of its chunk, alone
    in its channel."""
    entry = struct.pack("<QQ", message.time_ns, offset)
    return record(MESSAGE_INDEX, struct.pack("<HI", message.channel, len(entry)) + entry)


def read_records(stream: BinaryIO) -> Iterator[Tuple[int, bytes]]:
    """(kind, payload) of each whole record after the magic; ends quietly where the file ends, whole
    or not, and where a record claims to be longer than the file."""
    begin = stream.tell()
    end = stream.seek(0, os.SEEK_END)
    stream.seek(begin)
    head = stream.read(9)
    while len(head) == 9:  # the magic at the end is a byte shorter
        kind, size = struct.unpack("<BQ", head)
        if size > min(LARGEST_RECORD, end - stream.tell()):
            return
        yield kind, stream.read(size)
        head = stream.read(9)


def messages_of_chunk(payload: bytes) -> List[Message]:
    """The messages of a Chunk record; raises ValueError where its CRC or its structure is wrong."""
    try:
        size, crc, name, stored = struct.unpack_from("<QIIQ", payload, 16)
        if name:
            raise ValueError("a compressed chunk")
        records = payload[CHUNK_HEAD_BYTES:]
        if not len(records) == size == stored or zlib.crc32(records) != crc:
            raise ValueError("a chunk with another CRC")
        return [message_from_record(data) for kind, data in records_in(records) if kind == MESSAGE]
    except struct.error as error:
        raise ValueError(str(error)) from error


def first_channel(payload: bytes) -> int:
    """The channel of the first message of a Chunk record that is not compressed, unchecked; 0 where
    there is none."""
    record_head = struct.calcsize("<BQ")
    head = payload[CHUNK_HEAD_BYTES : CHUNK_HEAD_BYTES + record_head + 2]
    if len(head) < record_head + 2 or head[0] != MESSAGE:
        return 0
    return int(struct.unpack_from("<H", head, record_head)[0])


def metadata_of(payload: bytes) -> Tuple[str, Dict[str, str]]:
    """Name and entries of a Metadata record; raises ValueError where it is none."""
    name, at = text_at(payload, 0)
    pairs, end = bytes_at(payload, at)
    if end != len(payload):
        raise ValueError("%d bytes behind the metadata" % (len(payload) - end))
    entries: Dict[str, str] = {}
    at = 0
    while at < len(pairs):
        key, at = text_at(pairs, at)
        value, at = text_at(pairs, at)
        if key in entries:
            raise ValueError("%.40r twice in the metadata" % key)
        entries[key] = value
    return name, entries


def record(kind: int, payload: bytes) -> bytes:
    return struct.pack("<BQ", kind, len(payload)) + payload


def text(value: str) -> bytes:
    data = value.encode("utf-8", "backslashreplace")  # a path may hold bytes that are no text
    return struct.pack("<I", len(data)) + data


def text_at(payload: bytes, at: int) -> Tuple[str, int]:
    """The text that begins at byte `at`, and where it ends; raises ValueError where it is cut off
    or no UTF-8."""
    data, end = bytes_at(payload, at)
    return data.decode("utf-8"), end


def bytes_at(payload: bytes, at: int) -> Tuple[bytes, int]:
    """The bytes whose length stands at byte `at`, and where they end; raises ValueError where they
    are cut off."""
    begin = at + 4
    end = begin + int.from_bytes(payload[at:begin], "little")
    if end > len(payload) or begin > len(payload):
        raise ValueError("bytes %d to %d of %d" % (begin, end, len(payload)))
    return payload[begin:end], end


def message_from_record(data: bytes) -> Message:
    """The inverse of a Message record's payload, which may be cut off within the message's data."""
    channel, _, _, time_ns = struct.unpack_from("<HIQQ", data)
    return Message(channel, time_ns, data[22:])


def records_in(data: bytes) -> Iterator[Tuple[int, bytes]]:
    """(kind, payload) of records one after another; raises ValueError or struct.error where one is
    cut off."""
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from("<BQ", data, at)
        if at + 9 + size > len(data):
            raise ValueError("a record that is cut off")
        yield kind, data[at + 9 : at + 9 + size]
        at += 9 + size
