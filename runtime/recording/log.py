"""The log: one MCAP chunk per frame, with the picture without loss, the row of its result and the
result's arrays.

Knows the three channels of each camera and how an entry is found again after a crash; not the
container's bytes (mcap.py) nor the picture's (picture.py), nor where a log is written or replayed.
docs/recordings.md describes it.
"""

import json
import logging
import os
from contextlib import suppress
from typing import BinaryIO, Collection, Dict, Iterator, List, NamedTuple, Optional, Sequence

import cv2
import numpy as np

from catseye.runtime.errors import CatseyeError, ModelFileError
from catseye.runtime.frame import Frame
from catseye.runtime.model_file.arrays import arrays_from_bytes, bytes_from_arrays
from catseye.runtime.model_file.tensors import Arrays
from catseye.runtime.recording import mcap
from catseye.runtime.recording.ending import Ending
from catseye.runtime.recording.metadata import (
    CAMERAS,
    opened_metadata,
    recorded_by,
    sealed_metadata,
)
from catseye.runtime.recording.picture import DEFINITION, image_from_message, message_from_frame
from catseye.runtime.system.files import append_whole, settle, sha256_hex
from catseye.runtime.system.free_names import is_at, named
from catseye.runtime.system.json_document import Fields, JsonObject, json_from_bytes
from catseye.runtime.system.staging import staged_file
from catseye.runtime.tasks import Result

NAME = "catseye"  # of the metadata record
CAMERA, RESULT, ARRAYS = 1, 2, 3  # channels of the first camera; the next has the next three
PREFIX = "0/outputs/"  # of the names of arrays
# bytes of an array: of a result whatever the picture, and of a code of 512 atoms at every pixel
MOST_PER_RESULT, MOST_PER_PIXEL = 1 << 24, 4 * 512
LONGEST_NAME = 255  # characters, more than a file system takes
SCHEMAS = (
    mcap.Schema(1, "sensor_msgs/CompressedImage", "ros1msg", DEFINITION),
    mcap.Schema(2, "catseye.Result", "jsonschema", '{"type": "object"}'),
)
CHANNELS = (
    mcap.Channel(CAMERA, 1, "/camera", "ros1"),
    mcap.Channel(RESULT, 2, "/result", "json"),
    mcap.Channel(ARRAYS, 0, "/arrays", "npz"),
)
OF_ONE = ("",)  # the cameras of a log of a lone one without a name

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
    """A new log, in a `with` block; every append is on the file whole, or not at all.

    path: where it is, the wanted one or the next that is free; it takes its name with the first
    frame, "" until then.
    """

    def __init__(
        self, path: str, metadata: Dict[str, str], cameras: Sequence[str] = OF_ONE
    ) -> None:
        """metadata: what computed the results, as text.  cameras: the names of all whose frames
        may come. Raises OSError where the file cannot be made."""
        self._cameras = tuple(cameras)
        if self._cameras != OF_ONE:
            metadata = dict(metadata, **{CAMERAS: json.dumps(self._cameras)})
        channels = channels_of(self._cameras)
        start = mcap.file_start("catseye", NAME, sealed_metadata(metadata), SCHEMAS, channels)
        self._summary, self._entries, self._end = mcap.Summary(start), 0, 0
        self.path, self._wanted = "", path
        # locked until it is closed: what it lacks at its end is not missing yet
        descriptor, self._temporary = staged_file(path)
        self._descriptor: Optional[int] = descriptor
        try:
            self._append(start)
        except OSError:
            self.close()
            raise

    @property
    def is_there(self) -> bool:
        """Whether the file still has its name: somebody may have moved or removed it."""
        name = self.path or self._temporary
        return self._descriptor is not None and is_at(name, self._descriptor)

    def append(self, frame: Frame, result: Result, row: JsonObject) -> None:
        """Add one frame with its result; raises OSError where it does not fit on the disk."""
        arrays = result.arrays()
        said = dict(row, name=frame.name, result_sha256=digest_of(arrays))
        before = len(CHANNELS) * self._cameras.index(frame.camera)
        messages = [
            mcap.Message(before + channel, frame.timestamp_ns, data)
            for channel, data in (
                (CAMERA, message_from_frame(frame)),
                (RESULT, json.dumps(said, allow_nan=False).encode()),
                (
                    ARRAYS,
                    bytes_from_arrays({PREFIX + name: array for name, array in arrays.items()}),
                ),
            )
        ]
        chunk, indices = mcap.chunk_with_indices(messages, self._entries)
        begins = self._end
        self._append(chunk + b"".join(indices))
        if not self.path:
            settle(self._temporary)
            self.path = named(self._temporary, self._wanted)
        self._summary.add(begins, len(chunk), messages, [len(index) for index in indices])
        self._entries += 1

    def close(self) -> None:
        """Finish the file with its index; without a frame none is left. A second call does
        nothing."""
        if self._descriptor is not None:
            try:
                if self.path:
                    self._append(self._summary.file_end(self._end))
                    os.fsync(self._descriptor)
                else:
                    with suppress(FileNotFoundError):
                        os.unlink(self._temporary)
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
    """A log, whole or cut short.

    metadata: what computed the results, as text; `card` in it is JSON.  recorded_by: what of it
    this program goes by.  damaged: frames left out since the iteration began.
    """

    def __init__(self, path: str) -> None:
        """Raises ModelFileError where `path` is no Catseye log, or holds no whole frame."""
        self.path, self.damaged = path, 0
        with _opened(path) as stream:
            self.metadata = _metadata(stream, path)
            self.recorded_by = recorded_by(self.metadata, path)
            if not any(kind == mcap.CHUNK for kind, _ in mcap.read_records(stream)):
                raise _no_whole_frame(path)

    def __iter__(self) -> Iterator[Entry]:
        """Every whole frame of all cameras, in order; damaged ones are left out, counted, and said.

        Raises ModelFileError where the file is gone, or no frame of it is whole.
        """
        return self.frames_of(self.recorded_by.cameras)

    def frames_of(self, cameras: Collection[str]) -> Iterator[Entry]:
        """The same of these cameras; the frames of others are passed over unread."""
        ending, found = Ending(), 0
        self.damaged = 0
        with _opened(self.path) as stream:
            for kind, payload in mcap.read_records(stream):
                ending.follow(kind, payload)
                if kind != mcap.CHUNK:
                    continue
                if self._camera_of(payload) not in cameras:
                    found += 1
                    continue
                entry = self._entry(payload)
                found += entry is not None
                if entry is not None:
                    yield entry
        if not found:
            raise _no_whole_frame(self.path)
        if ending.chunks is None:
            log.warning(
                "%s was cut short, or is damaged; the frames before are here, and"
                " `catseye replay --repair` gives it an end",
                self.path,
            )
        else:  # a chunk that no longer looks like one is missed only here
            self.damaged = max(self.damaged, ending.chunks - found)
        if self.damaged:
            log.warning(
                "%s: damaged frames left out: %d, whole ones: %d", self.path, self.damaged, found
            )

    def _camera_of(self, payload: bytes) -> str:
        """Whose frame is in a chunk; the first camera's where that is damaged."""
        names, channel = self.recorded_by.cameras, mcap.first_channel(payload)
        at = (channel - 1) // len(CHANNELS)
        return names[at] if 0 <= at < len(names) else names[0]

    def _entry(self, payload: bytes) -> Optional[Entry]:
        """The frame in a chunk; None, counted and said, where it is damaged."""
        try:
            return _entry(payload, self.recorded_by.cameras)
        except (ValueError, CatseyeError, cv2.error) as error:
            self.damaged += 1
            log.warning("%s: a damaged frame is left out (%s)", self.path, error)
            return None


def channels_of(cameras: Sequence[str]) -> List[mcap.Channel]:
    """Three for each camera, their topics below its name where it has one."""
    return [
        channel._replace(
            number=at * len(CHANNELS) + channel.number,
            topic="/" + name + channel.topic if name else channel.topic,
        )
        for at, name in enumerate(cameras)
        for channel in CHANNELS
    ]


def digest_of(arrays: Arrays) -> str:
    """SHA-256 of names, types, shapes and bytes: equal for two results that are bit-identical, and
    for no others."""
    parts = []
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        parts += [("%s %s %s\n" % (name, array.dtype.str, array.shape)).encode(), array.tobytes()]
    return sha256_hex(b"".join(parts))


def _entry(chunk: bytes, cameras: Sequence[str]) -> Entry:
    """The frame in a chunk; raises ValueError or CatseyeError where it is not whole."""
    found = {message.channel: message for message in mcap.messages_of_chunk(chunk)}
    at = (min(found, default=0) - 1) // len(CHANNELS)  # of its camera
    messages = {channel - at * len(CHANNELS): found[channel] for channel in found}
    if sorted(messages) != [CAMERA, RESULT, ARRAYS] or not 0 <= at < len(cameras):
        raise ValueError("a chunk of channels %s" % sorted(found))
    row = json_from_bytes(messages[RESULT].data)
    if not isinstance(row, dict):
        raise ValueError("a row that is no object")
    fields = Fields(row, path="row", of="a frame", mend="record it again")
    index, name = fields.integer("index", 0), fields.text("name", most=LONGEST_NAME)
    if not _is_stem(name):
        raise fields.wrong(".name", name, "the stem of a file")
    image = image_from_message(messages[CAMERA].data)
    in_film = row.get("media_time_ns") is not None
    media_time_ns = fields.integer("media_time_ns", 0) if in_film else None
    time_ns = messages[CAMERA].time_ns
    frame = Frame(image, index, time_ns, name, media_time_ns=media_time_ns, camera=cameras[at])
    arrays = _arrays(messages[ARRAYS].data, image)
    if digest_of(arrays) != fields.text("result_sha256"):
        raise ValueError("another result than its row says")
    return Entry(frame, row, arrays)


def _arrays(data: bytes, image: np.ndarray) -> Arrays:
    """The arrays of this picture's result, kept as the outputs of a golden case."""
    height, width = image.shape[:2]
    arrays = arrays_from_bytes(data, MOST_PER_RESULT + MOST_PER_PIXEL * height * width)
    if not all(name.startswith(PREFIX) for name in arrays):
        raise ValueError("arrays of something else")
    return {name[len(PREFIX) :]: array for name, array in arrays.items()}


def _is_stem(name: str) -> bool:
    """Whether files may be called so: a name that a recording claims must not lead anywhere
    else."""
    return "\0" not in os.fsdecode(os.fsencode(name)) and not os.path.dirname(name + ".png")


def is_catseye_log(path: str) -> bool:
    """Whether an MCAP file is one that we wrote, or too damaged to tell."""
    with _opened(path) as stream:
        for kind, payload in mcap.read_records(stream):
            if kind == mcap.METADATA:
                return payload.startswith(mcap.text(NAME))
            if kind != mcap.HEADER:
                return False
    return True


def _metadata(stream: BinaryIO, path: str) -> Dict[str, str]:
    """The catseye record near the start; leaves the stream behind it."""
    for kind, payload in mcap.read_records(stream) if stream.tell() else ():
        try:
            if kind == mcap.METADATA and mcap.metadata_of(payload)[0] == NAME:
                return opened_metadata(mcap.metadata_of(payload)[1], path)
        except ValueError:
            break
        if kind == mcap.CHUNK:
            break
    raise ModelFileError(
        "%s is no Catseye log" % path, "a log that record:// wrote", "check the path"
    )


def _no_whole_frame(path: str) -> ModelFileError:
    return ModelFileError("no whole frame in %s" % path, "a log with frames", "record it again")


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
