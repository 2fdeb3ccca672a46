"""A recording as a ROS 2 bag: pictures and masks as sensor_msgs/CompressedImage, rows as JSON in
std_msgs/String.

Knows the rosbags library (Apache-2.0), which needs no ROS; not how a recording is read. The bag is
MCAP of Humble's types, which `ros2 bag play` of Humble and later takes.
"""

import os
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

from catseye.runtime.errors import CatseyeError, SinkError
from catseye.runtime.frame import Frame
from catseye.runtime.model_file.installing import to_install
from catseye.runtime.recording import mcap
from catseye.runtime.recording.entry import CAMERA, MASK, RESULT, Entry
from catseye.runtime.recording.log import LogReader
from catseye.runtime.recording.picture import H264, JPEG, PNG, coded_picture

BAG_VERSION = 8  # of metadata.yaml: Humble's
OF_VIDEO = [cv2.IMWRITE_JPEG_QUALITY, 95]  # ROS has no message for one picture of H.264
IMAGE, TEXT = "sensor_msgs/msg/CompressedImage", "std_msgs/msg/String"


def write_rosbag2(log: LogReader, folder: str) -> int:
    """Write every whole frame; how many there were.

    Raises CatseyeError without rosbags, SinkError where the folder is there or cannot be written.
    """
    bags, store = _rosbags()
    if os.path.exists(folder):
        raise SinkError(f"{folder} is there already", "a new folder", "choose another")
    frames = 0
    try:
        plugin = bags.StoragePlugin.MCAP
        with bags.Writer(folder, version=BAG_VERSION, storage_plugin=plugin) as bag:
            connections: dict[str, Any] = {}
            for entry, messages in log.with_messages():
                for topic, kind, message in _messages(
                    store, entry, messages, log.recorded_by.codec
                ):
                    if topic not in connections:
                        connections[topic] = bag.add_connection(topic, kind, typestore=store)
                    cdr = store.serialize_cdr(message, kind)
                    bag.write(connections[topic], entry.frame.timestamp_ns, cdr)
                frames += 1
    except OSError as error:
        raise SinkError(
            f"cannot write {folder}: {error.strerror or error}", "a writable folder"
        ) from error
    return frames


def _messages(
    store: Any, entry: Entry, messages: dict[int, mcap.Message], codec: str
) -> Iterator[tuple[str, str, Any]]:
    """Topic, type and message of ROS 2 of each that there is one for."""
    camera = "/" + entry.frame.camera if entry.frame.camera else ""
    data = messages[CAMERA].data
    if codec == H264:
        picture = cv2.imencode(".jpg", entry.frame.image, OF_VIDEO)[1].tobytes()
        yield camera + "/camera/compressed", IMAGE, _image(store, entry.frame, JPEG, picture)
    else:
        image = _image(store, entry.frame, codec, coded_picture(data, codec))
        yield camera + "/camera/compressed", IMAGE, image
    if MASK in messages:
        image = _image(store, entry.frame, PNG, coded_picture(messages[MASK].data, PNG))
        yield camera + "/mask/compressed", IMAGE, image
    yield camera + "/result", TEXT, store.types[TEXT](data=messages[RESULT].data.decode())


def _image(store: Any, frame: Frame, form: str, picture: bytes) -> Any:
    seconds, nanoseconds = divmod(frame.timestamp_ns, 10**9)
    types = store.types
    stamp = types["builtin_interfaces/msg/Time"](sec=seconds, nanosec=nanoseconds)
    header = types["std_msgs/msg/Header"](stamp=stamp, frame_id=frame.camera or "camera")
    return types[IMAGE](header=header, format=form, data=np.frombuffer(picture, np.uint8))


def _rosbags() -> tuple[Any, Any]:
    """Its rosbag2 module, and Humble's types."""
    try:
        from rosbags import rosbag2
        from rosbags.typesys import Stores, get_typestore
    except ImportError as error:
        raise CatseyeError(
            f"no rosbags here ({error})", "it for ROS 2 bags", to_install("rosbags")
        ) from error
    return rosbag2, get_typestore(Stores.ROS2_HUMBLE)
