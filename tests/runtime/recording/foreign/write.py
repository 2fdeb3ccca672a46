"""Writes the recordings of this folder with the libraries of those who own the formats, three
pictures each; run where they are installed:

    pip install mcap mcap-ros1-support mcap-ros2-support mcap-protobuf-support \\
        foxglove-schemas-protobuf foxglove-sdk rosbags opencv-python-headless
    python write.py

The versions that wrote what is here stand in versions.txt.
"""

import base64
import json
import shutil
from importlib.metadata import version
from pathlib import Path

import cv2
import foxglove
import numpy as np
from foxglove.channels import CompressedImageChannel
from foxglove.messages import CompressedImage as FoxgloveImage
from foxglove.messages import Timestamp
from foxglove_schemas_protobuf.CompressedImage_pb2 import CompressedImage as ProtobufImage
from mcap.writer import CompressionType, Writer
from mcap_protobuf.writer import Writer as ProtobufWriter
from mcap_ros1.writer import Writer as Ros1Writer
from mcap_ros2.writer import Writer as Ros2Writer
from rosbags.rosbag2 import StoragePlugin
from rosbags.rosbag2 import Writer as BagWriter
from rosbags.typesys import Stores, get_typestore

HERE = Path(__file__).parent
SECONDS, STEP_NS = 1_700_000_000, 100_000_000  # ten pictures a second
ROS2 = """std_msgs/Header header
string format
uint8[] data
================================================================================
MSG: std_msgs/Header
builtin_interfaces/Time stamp
string frame_id
================================================================================
MSG: builtin_interfaces/Time
int32 sec
uint32 nanosec
"""


def pictures():
    """JPEG, PNG, JPEG: grey of 40, 120 and 200."""
    for number, (value, suffix) in enumerate(((40, ".jpg"), (120, ".png"), (200, ".jpg"))):
        image = np.full((12, 16, 3), value, np.uint8)
        yield number, SECONDS * 10**9 + number * STEP_NS, cv2.imencode(suffix, image)[1].tobytes()


def ros2(name, **how):
    with open(HERE / name, "wb") as stream:
        writer = Ros2Writer(stream, **how)
        schema = writer.register_msgdef("sensor_msgs/msg/CompressedImage", ROS2)
        for number, time_ns, data in pictures():
            stamp = {"sec": SECONDS, "nanosec": number * STEP_NS}
            message = {
                "header": {"stamp": stamp, "frame_id": "front" + number * "x"},  # alignment
                "format": "jpeg",
                "data": data,
            }
            writer.write_message(
                topic="/front/compressed",
                schema=schema,
                message=message,
                log_time=time_ns + 5,
                publish_time=time_ns + 5,
                sequence=number,
            )
        writer.finish()


def ros1():
    class Image:  # what genpy would give: mcap_ros1 asks for these
        _type, _md5sum = "sensor_msgs/CompressedImage", "8f7a12909da2c9d3332d540a0977563f"
        _full_text = "std_msgs/Header header\nstring format\nuint8[] data\n"

        def __init__(self, number, data):
            self.number, self.data = number, data

        def serialize(self, out):
            text = lambda value: len(value).to_bytes(4, "little") + value  # noqa: E731
            stamp = [self.number, SECONDS, self.number * STEP_NS]
            out.write(np.array(stamp, "<u4").tobytes() + text(b"front") + text(b"jpeg"))
            out.write(text(self.data))

    with open(HERE / "ros1.mcap", "wb") as stream:
        writer = Ros1Writer(stream)
        for number, time_ns, data in pictures():
            writer.write_message("/front/compressed", Image(number, data), time_ns)
        writer.finish()


def rosbags():
    store = get_typestore(Stores.ROS2_HUMBLE)
    image = store.types["sensor_msgs/msg/CompressedImage"]
    header, time = store.types["std_msgs/msg/Header"], store.types["builtin_interfaces/msg/Time"]
    shutil.rmtree(HERE / "bag", ignore_errors=True)
    with BagWriter(HERE / "bag", version=9, storage_plugin=StoragePlugin.MCAP) as bag:
        connection = bag.add_connection("/front/compressed", image.__msgtype__, typestore=store)
        for number, time_ns, data in pictures():
            stamp = time(sec=SECONDS, nanosec=number * STEP_NS)
            message = image(
                header=header(stamp=stamp, frame_id="front"),
                format="jpeg",
                data=np.frombuffer(data, np.uint8),
            )
            bag.write(connection, time_ns, store.serialize_cdr(message, image.__msgtype__))
    (HERE / "bag" / "bag.mcap").rename(HERE / "rosbags.mcap")
    shutil.rmtree(HERE / "bag")


def foxglove_protobuf():
    with open(HERE / "protobuf.mcap", "wb") as stream, ProtobufWriter(stream) as writer:
        for _, time_ns, data in pictures():
            message = ProtobufImage(frame_id="front", format="jpeg", data=data)
            message.timestamp.FromNanoseconds(time_ns)
            writer.write_message(topic="/front", message=message, log_time=time_ns + 5)


def foxglove_sdk():
    path = HERE / "foxglove-sdk.mcap"
    path.unlink(missing_ok=True)
    with foxglove.open_mcap(path):
        channel = CompressedImageChannel("/front")
        for number, time_ns, data in pictures():
            stamp = Timestamp(sec=SECONDS, nsec=number * STEP_NS)
            channel.log(
                FoxgloveImage(timestamp=stamp, frame_id="front", data=data, format="jpeg"),
                log_time=time_ns,
            )


def foxglove_json():
    """And a second topic with pictures, one without, and no chunks."""
    with open(HERE / "json-two-topics.mcap", "wb") as stream:
        writer = Writer(stream, use_chunking=False, compression=CompressionType.NONE)
        writer.start()
        schema = writer.register_schema("foxglove.CompressedImage", "jsonschema", b"{}")
        other = writer.register_schema("foxglove.Log", "jsonschema", b"{}")
        channels = [writer.register_channel(topic, "json", schema) for topic in ("/left", "/right")]
        words = writer.register_channel("/words", "json", other)
        for number, time_ns, data in pictures():
            message = {
                "timestamp": {"sec": SECONDS, "nsec": number * STEP_NS},
                "frame_id": "front",
                "data": base64.b64encode(data).decode(),
                "format": "jpeg",
            }
            for channel in channels:
                writer.add_message(channel, time_ns, json.dumps(message).encode(), time_ns)
            writer.add_message(words, time_ns, b"{}", time_ns)
        writer.finish()


def main():
    ros2("ros2-zstd.mcap", compression=CompressionType.ZSTD)
    ros2("ros2-lz4.mcap", compression=CompressionType.LZ4)
    ros1()
    rosbags()
    foxglove_protobuf()
    foxglove_sdk()
    foxglove_json()
    names = (
        "mcap",
        "mcap-ros1-support",
        "mcap-ros2-support",
        "mcap-protobuf-support",
        "foxglove-schemas-protobuf",
        "foxglove-sdk",
        "rosbags",
    )
    lines = ["%s %s\n" % (name, version(name)) for name in names]
    (HERE / "versions.txt").write_text("".join(lines))


if __name__ == "__main__":
    main()
