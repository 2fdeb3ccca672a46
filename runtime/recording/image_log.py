"""MCAP files of other programs: which of their topics hold pictures, and those pictures, in the
file's order.

Knows chunks, schemas and channels, as https://mcap.dev/spec has them; not how a picture is decoded.
"""

import logging
import os
import struct
import zlib
from typing import BinaryIO, Dict, Iterator, List, NamedTuple, Optional, Tuple

from catseye.runtime.errors import ModelFileError
from catseye.runtime.recording import mcap
from catseye.runtime.recording.compression import unpacked
from catseye.runtime.recording.image_messages import READERS, ImageMessage, Reader, reader_of

READ = "CompressedImage of ROS 1, ROS 2 (CDR) or Foxglove (protobuf, JSON)"
MOST_SAID = 8  # topics in an error
FOOTER_BYTES = 9 + 20 + len(mcap.MAGIC)

log = logging.getLogger("catseye")


class Topic(NamedTuple):
    """What a channel of a file carries. reader: None where its messages are no pictures that are
    read."""

    name: str
    schema: str
    reader: Optional[Reader]


class ImageLog:
    """The pictures of one topic. topic: its name.  damaged: chunks and messages left out since the
    iteration began."""

    def __init__(self, path: str, topic: str = "") -> None:
        """topic: "" for the only one with pictures. Raises ModelFileError where there is none of
        that name, none with pictures, or more than one to choose from."""
        self.path, self.damaged = path, 0
        self.topic = _chosen(path, topic, _topics(path))

    def __iter__(self) -> Iterator[ImageMessage]:
        """In the order of the file; raises ModelFileError where its chunks cannot be unpacked
        here."""
        self.damaged = 0
        catalogue = _Catalogue()
        with _opened(self.path) as stream:
            stream.seek(len(mcap.MAGIC))
            for kind, payload in self._flat(stream):
                try:
                    catalogue.follow(kind, payload)
                    if kind == mcap.MESSAGE:
                        image = self._image(catalogue, payload)
                        if image is not None:
                            yield image
                except (ValueError, struct.error) as error:
                    self._leave_out("message", error)

    def _flat(self, stream: BinaryIO) -> Iterator[Tuple[int, bytes]]:
        """The file's records, those in chunks among them."""
        for kind, payload in mcap.read_records(stream):
            if kind == mcap.DATA_END:
                return
            if kind != mcap.CHUNK:
                yield kind, payload
                continue
            try:
                records = list(mcap.records_in(_opened_chunk(payload)))
            except (ValueError, struct.error) as error:
                self._leave_out("chunk", error)
                continue
            for record in records:
                yield record

    def _image(self, catalogue: "_Catalogue", payload: bytes) -> Optional[ImageMessage]:
        message = mcap.message_from_record(payload)
        topic = catalogue.topics.get(message.channel)
        if topic is None or topic.name != self.topic or topic.reader is None:
            return None
        image = topic.reader(message.data)
        return image if image.stamp_ns > 0 else image._replace(stamp_ns=message.time_ns)

    def _leave_out(self, what: str, error: Exception) -> None:
        self.damaged += 1
        log.warning("%s: a damaged %s is left out (%s)", self.path, what, error)


class _Catalogue:
    """Schemas and channels, as they come along."""

    def __init__(self) -> None:
        self.topics: Dict[int, Topic] = {}
        self._schemas: Dict[int, str] = {}

    def follow(self, kind: int, payload: bytes) -> None:
        if kind == mcap.SCHEMA:
            (number,) = struct.unpack_from("<H", payload)
            self._schemas[number] = mcap.text_at(payload, 2)[0]
        elif kind == mcap.CHANNEL:
            number, schema_number = struct.unpack_from("<HH", payload)
            name, at = mcap.text_at(payload, 4)
            schema = self._schemas.get(schema_number, "")
            encoding = mcap.text_at(payload, at)[0]
            known = (schema, encoding) in READERS
            reader = reader_of(schema, encoding) if known else None
            self.topics[number] = Topic(name, "%s, %s" % (schema, encoding), reader)


def _topics(path: str) -> List[Topic]:
    """Of a whole file by its summary, of one that was cut short by all that there is."""
    catalogue = _Catalogue()
    try:
        with _opened(path) as stream:
            begin = _summary_begin(stream)
            stream.seek(begin or len(mcap.MAGIC))
            for kind, payload in mcap.read_records(stream):
                inner = [(kind, payload)]
                if kind == mcap.CHUNK:
                    try:
                        inner = list(mcap.records_in(_opened_chunk(payload)))
                    except (ValueError, struct.error):  # told when it is read
                        continue
                for each in inner:
                    catalogue.follow(*each)
    except (ValueError, struct.error) as error:
        raise ModelFileError("%s is damaged (%s)" % (path, error), "an MCAP file", "copy it again")
    return list(catalogue.topics.values())


def _opened(path: str) -> BinaryIO:
    try:
        return open(path, "rb")
    except OSError as error:
        raise ModelFileError(
            "cannot read %s: %s" % (path, error.strerror), "an MCAP file", "check the path"
        ) from error


def _summary_begin(stream: BinaryIO) -> int:
    """Where the summary stands; 0 where there is none."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - FOOTER_BYTES))
    footer = stream.read(FOOTER_BYTES)
    if len(footer) < FOOTER_BYTES or footer[0] != mcap.FOOTER or not footer.endswith(mcap.MAGIC):
        return 0
    (begin,) = struct.unpack_from("<Q", footer, 9)
    return int(begin) if begin < size else 0


def _opened_chunk(payload: bytes) -> bytes:
    """The records in a chunk; raises ValueError where they are not what was written."""
    size, crc = struct.unpack_from("<QI", payload, 16)
    compression, at = mcap.text_at(payload, 28)
    (stored,) = struct.unpack_from("<Q", payload, at)
    data = payload[at + 8 :]
    if len(data) != stored:
        raise ValueError("a chunk that is cut off")
    records = unpacked(compression, data, size)
    if crc and zlib.crc32(records) != crc:  # 0: it was never reckoned
        raise ValueError("a chunk with another CRC")
    return records


def _chosen(path: str, wanted: str, topics: List[Topic]) -> str:
    """The name of the topic to read."""
    pictures = sorted({topic.name for topic in topics if topic.reader is not None})
    if wanted in pictures or (len(pictures) == 1 and not wanted):
        return wanted or pictures[0]
    if len(pictures) > 1 and not wanted:
        raise ModelFileError(
            "%d topics with pictures in %s: %s" % (len(pictures), path, _list(pictures)),
            "one",
            "choose by replay://%s?topic=%s" % (path, pictures[0]),
        )
    there = pictures or sorted({"%s (%s)" % (topic.name, topic.schema) for topic in topics})
    raise ModelFileError(
        "%s has no topic %s with pictures; it has %s"
        % (path, wanted, _list(there) if there else "none at all"),
        READ,
        "choose another" if pictures else "record compressed pictures",
    )


def _list(names: List[str]) -> str:
    more = len(names) - MOST_SAID
    return ", ".join(names[:MOST_SAID]) + (", and %d more" % more if more > 0 else "")
