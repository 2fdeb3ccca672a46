"""One recorded frame as the messages of a chunk, and back: its picture, the row of its result, the
result's arrays, of a mask a picture for viewers, and where that is wanted the result drawn over
its frame.

Knows the channels of each camera; not the file around them (log.py), nor how a picture is
coded (picture.py).
"""

import json
import os
from typing import Dict, List, NamedTuple, Optional, Tuple, Type

import numpy as np

from catseye.runtime.errors import ModelFileError
from catseye.runtime.frame import Frame
from catseye.runtime.model_file.arrays import arrays_from_bytes, bytes_from_arrays
from catseye.runtime.model_file.tensors import Arrays
from catseye.runtime.recording import mcap
from catseye.runtime.recording.mask_picture import mask_message
from catseye.runtime.recording.metadata import CAMERAS, RecordedBy
from catseye.runtime.recording.picture import (
    DEFINITION,
    JPEG,
    PictureFormat,
    PictureReader,
    PictureWriter,
)
from catseye.runtime.recording.row_schema import ROW_SCHEMA
from catseye.runtime.system.files import sha256_hex
from catseye.runtime.system.json_document import Fields, JsonObject, json_from_bytes
from catseye.runtime.tasks import Result, result_type

# channels of the first camera; the next has the next four
CAMERA, RESULT, ARRAYS, MASK = 1, 2, 3, 4
NEEDED = [CAMERA, RESULT, ARRAYS]
COMPRESSED_IMAGE = 3  # the schema
OVERLAY = "/overlay"  # a channel of each camera behind those of all: nobody here reads it back
OVERLAY_QUALITY = 85
TOPICS = (
    mcap.Channel(CAMERA, 1, "/camera", "ros1"),
    mcap.Channel(RESULT, 2, "/result", "json"),
    mcap.Channel(ARRAYS, 0, "/arrays", "npz"),
    mcap.Channel(MASK, COMPRESSED_IMAGE, "/mask", "ros1"),
)
PREFIX = "0/outputs/"  # of the names of arrays
# bytes of an array: of a result whatever the picture, which a model of another size may have seen
# enlarged, and of a code of 512 atoms at every pixel
MOST_PER_RESULT, MOST_PER_PIXEL = 1 << 27, 4 * 512
LONGEST_NAME = 255  # characters, more than a file system takes
MOST_SIDE = 1 << 15
OF_ONE = ("",)  # the cameras of a log of a lone one without a name


class LogForm(NamedTuple):
    """cameras: the names of all whose frames may come.  pictures: how they are coded.  overlays:
    whether results come drawn over their frames too."""

    cameras: Tuple[str, ...] = OF_ONE
    pictures: PictureFormat = PictureFormat()
    overlays: bool = False

    def metadata(self) -> Dict[str, str]:
        """What of it a log's metadata say."""
        entries = {} if self.cameras == OF_ONE else {CAMERAS: json.dumps(self.cameras)}
        return dict(entries, codec=self.pictures.codec)

    def schemas(self) -> List[mcap.Schema]:
        return [
            self.pictures.schema,
            mcap.Schema(2, "catseye.Result", "jsonschema", ROW_SCHEMA),
            mcap.Schema(COMPRESSED_IMAGE, "sensor_msgs/CompressedImage", "ros1msg", DEFINITION),
        ]

    def channels(self) -> List[mcap.Channel]:
        """Four for each camera, their topics below its name where it has one; then its overlay's
        for each."""
        channels = [
            channel._replace(
                number=at * len(TOPICS) + channel.number,
                topic=_topic(name, channel.topic),
            )
            for at, name in enumerate(self.cameras)
            for channel in TOPICS
        ]
        if self.overlays:
            first = len(channels) + 1
            channels += [
                mcap.Channel(first + at, COMPRESSED_IMAGE, _topic(name, OVERLAY), "ros1")
                for at, name in enumerate(self.cameras)
            ]
        return channels


class Entry(NamedTuple):
    """One recorded frame.

    row: as `jsonl://` writes it, with `name`, `frame_wh` and `result_sha256`.  arrays: the result's
    own, by field.
    """

    frame: Frame
    row: JsonObject
    arrays: Arrays


class EntryWriter:
    """Frames with their results to the messages of their chunks."""

    def __init__(self, form: LogForm = LogForm()) -> None:
        """Raises CatseyeError where pictures cannot be coded so here."""
        self._cameras = form.cameras
        self._pictures = {name: PictureWriter(form.pictures) for name in form.cameras}
        self._overlays = PictureWriter(PictureFormat(JPEG, OVERLAY_QUALITY))

    def messages(
        self,
        frame: Frame,
        result: Result,
        row: JsonObject,
        overlay: Optional[np.ndarray] = None,
    ) -> List[mcap.Message]:
        """overlay: (h, w, 3) uint8 BGR, for a log whose form has them. Raises ValueError where the
        row holds a number that JSON has not."""
        stored = result.stored()
        height, width = frame.image.shape[:2]
        said = dict(row, name=frame.name, frame_wh=[width, height], result_sha256=digest_of(stored))
        data = {
            CAMERA: self._pictures[frame.camera].message(frame),
            RESULT: json.dumps(said, allow_nan=False).encode(),
            ARRAYS: bytes_from_arrays({PREFIX + name: each for name, each in stored.items()}),
        }
        if result.ids_array:
            colours = [colour for _, colour in result.legend]
            data[MASK] = mask_message(frame, stored[result.ids_array], colours)
        at = self._cameras.index(frame.camera)
        messages = [
            mcap.Message(at * len(TOPICS) + channel, frame.timestamp_ns, data[channel])
            for channel in sorted(data)
        ]
        if overlay is not None:
            channel = len(TOPICS) * len(self._cameras) + 1 + at
            drawn = self._overlays.message(frame._replace(image=overlay))
            messages.append(mcap.Message(channel, frame.timestamp_ns, drawn))
        return messages


class EntryReader:
    """The inverse, for the chunks of one log."""

    def __init__(self, recorded_by: RecordedBy) -> None:
        """Raises CatseyeError where its pictures cannot be decoded here."""
        self._cameras = recorded_by.cameras
        self._pictures = PictureReader(recorded_by.codec)
        self._result = _type_of(recorded_by.task)

    def camera_of(self, chunk: bytes) -> str:
        """Whose frame is in a chunk; the first camera's where that is damaged."""
        at = (mcap.first_channel(chunk) - 1) // len(TOPICS)
        return self._cameras[at] if 0 <= at < len(self._cameras) else self._cameras[0]

    def entry(self, chunk: bytes) -> Entry:
        """The frame in a chunk; raises ValueError or CatseyeError where it is not whole."""
        camera, messages = self.messages(chunk)
        row = json_from_bytes(messages[RESULT].data)
        if not isinstance(row, dict):
            raise ValueError("a row that is no object")
        fields = Fields(row, path="row", of="a frame", fix="record it again")
        index, name = fields.integer("index", 0), fields.text("name", most=LONGEST_NAME)
        if not _is_stem(name):
            raise fields.wrong(".name", name, "the stem of a file")
        image = self._pictures.image(messages[CAMERA].data, _size_of(row))
        in_film = row.get("media_time_ns") is not None
        media_time_ns = fields.integer("media_time_ns", 0) if in_film else None
        time_ns = messages[CAMERA].time_ns
        frame = Frame(image, index, time_ns, name, media_time_ns=media_time_ns, camera=camera)
        stored = _arrays(messages[ARRAYS].data, image)
        if digest_of(stored) != fields.text("result_sha256"):
            raise ValueError("a result that does not match its row")
        return Entry(frame, row, self._whole(stored, image))

    def messages(self, chunk: bytes) -> Tuple[str, Dict[int, mcap.Message]]:
        """The name of the camera, and its messages by channel, as if it were the first; without
        what is drawn."""
        own = len(TOPICS) * len(self._cameras)
        found = {
            message.channel: message
            for message in mcap.messages_of_chunk(chunk)
            if not own < message.channel <= own + len(self._cameras)
        }
        at = (min(found, default=0) - 1) // len(TOPICS)
        messages = {channel - at * len(TOPICS): found[channel] for channel in found}
        if sorted(messages)[:3] != NEEDED or set(messages) - {*NEEDED, MASK}:
            raise ValueError("a chunk of channels %s" % sorted(found))
        if not 0 <= at < len(self._cameras):
            raise ValueError("a chunk of camera %d" % at)
        return self._cameras[at], messages

    def _whole(self, stored: Arrays, image: np.ndarray) -> Arrays:
        if self._result is None:
            return stored
        return self._result.arrays_from_stored(stored, (image.shape[1], image.shape[0]))


def _topic(camera: str, topic: str) -> str:
    return "/" + camera + topic if camera else topic


def digest_of(arrays: Arrays) -> str:
    """SHA-256 of names, types, shapes and bytes: equal for two results that are bit-identical, and
    for no others."""
    parts = []
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        parts += [("%s %s %s\n" % (name, array.dtype.str, array.shape)).encode(), array.tobytes()]
    return sha256_hex(b"".join(parts))


def _type_of(task: str) -> Optional[Type[Result]]:
    """None for a task that nobody here knows."""
    try:
        return result_type(task, "the log")
    except ModelFileError:
        return None


def _size_of(row: JsonObject) -> Optional[Tuple[int, int]]:
    """The width and height of the frame, which older rows do not have."""
    found = row.get("frame_wh")
    if not isinstance(found, list) or len(found) != 2:
        return None
    sides = [side for side in found if isinstance(side, int) and 0 < side <= MOST_SIDE]
    return (sides[0], sides[1]) if len(sides) == 2 else None


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
