"""Pictures from ROS messages and back. Knows encodings and rows; not who sends a message, nor what
a picture shows."""

from array import array
from typing import TYPE_CHECKING, Optional, Type

import cv2
import numpy as np

from catseye.runtime.errors import SourceError

if TYPE_CHECKING:
    from sensor_msgs.msg import CompressedImage, Image
    from std_msgs.msg import Header

CHANNELS = {"bgr8": 3, "rgb8": 3, "mono8": 1}
DEPTH = "compressedDepth"  # no picture, though it comes in the same message


def image_from_message(message: "Image") -> np.ndarray:
    """(H, W, 3) uint8 BGR of a sensor_msgs/Image; raises SourceError for other encodings and for
    cut off data."""
    if message.encoding not in CHANNELS:
        raise SourceError(
            "image encoding %r" % message.encoding,
            "bgr8, rgb8 or mono8",
            "let the camera's driver or image_proc convert it",
        )
    channels = CHANNELS[message.encoding]
    rows = _rows(message, message.width * channels).reshape(message.height, message.width, channels)
    if message.encoding == "bgr8":
        return np.ascontiguousarray(rows)
    return cv2.cvtColor(rows, cv2.COLOR_RGB2BGR if channels == 3 else cv2.COLOR_GRAY2BGR)


def image_from_compressed(message: "CompressedImage") -> Optional[np.ndarray]:
    """(H, W, 3) uint8 BGR of a sensor_msgs/CompressedImage, None where it cannot be decoded.
    Raises SourceError for depth maps, which come in the same message."""
    if DEPTH in message.format:
        raise SourceError(
            "compressed format %r" % message.format,
            "a picture as JPEG or PNG",
            "choose another topic",
        )
    data = np.frombuffer(message.data, np.uint8)
    return cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None


def message_from_image(kind: "Type[Image]", header: "Header", image: np.ndarray) -> "Image":
    """`kind`, which is sensor_msgs/Image, of (H, W) uint8 as mono8 or (H, W, 3) uint8 BGR as
    bgr8."""
    height, width = image.shape[:2]
    encoding = "mono8" if image.ndim == 2 else "bgr8"
    # rclpy checks every number of any other sequence
    return kind(
        header=header,
        height=height,
        width=width,
        encoding=encoding,
        is_bigendian=0,
        step=width * CHANNELS[encoding],
        data=array("B", image.tobytes()),
    )


def _rows(message: "Image", row_bytes: int) -> np.ndarray:
    """(H, row_bytes) uint8: the message's rows without what pads them."""
    height, step, data = message.height, message.step, np.frombuffer(message.data, np.uint8)
    if not height or not row_bytes or step < row_bytes or data.size < height * step:
        raise SourceError(
            "an image of %dx%d, %d bytes a row, %d in all"
            % (message.width, height, step, data.size),
            "rows as long as its encoding needs",
            "look at the camera's driver",
        )
    return data[: height * step].reshape(height, step)[:, :row_bytes]
