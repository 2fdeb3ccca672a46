"""Motion JPEG in files and streams that FFmpeg opens: its packets as they are, decoded as picture
files are, whole or not at all. Knows cv2.VideoCapture's raw mode (OpenCV 4.3 and later)."""

import cv2
import numpy as np

from catseye.runtime.sources.jpeg import image_from_jpeg
from catseye.runtime.sources.live.camera import UNDECODED

# as containers and OpenCV's versions spell it
CODES = {int.from_bytes(code, "little") for code in (b"MJPG", b"mjpg", b"mjpe", b"jpeg", b"JPEG")}


def gives_packets(capture: "cv2.VideoCapture") -> bool:
    """Whether this capture, of which nothing has been read, gives packets of motion JPEG from now
    on."""
    return (
        capture.isOpened()
        and int(capture.get(cv2.CAP_PROP_FOURCC)) in CODES
        and capture.getBackendName() == "FFMPEG"
        and capture.get(getattr(cv2, "CAP_PROP_ORIENTATION_META", -1)) == 0  # a packet has no sides
        and capture.set(cv2.CAP_PROP_FORMAT, -1)
    )


def image_from_packet(packet: object) -> np.ndarray:
    """(H, W, 3) uint8 BGR of what such a capture gave; UNDECODED, which is empty, for a torn
    one."""
    return image_from_jpeg(packet.tobytes()) if isinstance(packet, np.ndarray) else UNDECODED
