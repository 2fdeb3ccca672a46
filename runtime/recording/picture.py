"""The picture of a recorded frame: sensor_msgs/CompressedImage with a PNG in it, written and read
back.

Knows ROS 1's wire format and a PNG's header, whose size is checked before anything is allocated;
not the container around the message (mcap.py).
"""

import struct
from typing import Tuple

import cv2
import numpy as np

from catseye.runtime.frame import Frame
from catseye.runtime.recording import mcap
from catseye.runtime.system.native_stderr import silenced_native_stderr

DEFINITION = """std_msgs/Header header
string format
uint8[] data
================================================================================
MSG: std_msgs/Header
uint32 seq
time stamp
string frame_id
"""
# lossless, and by benchmarks/record.py the fastest of those that viewers show
PNG = [
    cv2.IMWRITE_PNG_COMPRESSION,
    1,
    cv2.IMWRITE_PNG_STRATEGY,
    cv2.IMWRITE_PNG_STRATEGY_HUFFMAN_ONLY,
]
STAMP_BYTES = 12  # seq, seconds, nanoseconds
HEADER = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR"
COLOUR_8_BIT = (8, 2, 0, 0, 0)  # bits, RGB, and the only methods of deflate, filter and interlacing
DEFLATE_AT_MOST = 1032  # times its bytes is what deflated data can hold


def message_from_frame(frame: Frame) -> bytes:
    """The frame's picture and time as ROS 1 puts them on the wire."""
    seconds, nanoseconds = divmod(frame.timestamp_ns, 10**9)
    head = struct.pack("<III", frame.index & 0xFFFFFFFF, seconds & 0xFFFFFFFF, nanoseconds)
    picture = cv2.imencode(".png", frame.image, PNG)[1].tobytes()
    return head + mcap.text("camera") + mcap.text("png") + struct.pack("<I", len(picture)) + picture


def image_from_message(data: bytes) -> np.ndarray:
    """(H, W, 3) uint8 BGR: the inverse of `message_from_frame`; raises ValueError for all else."""
    _, at = mcap.text_at(data, STAMP_BYTES)  # frame_id
    _, at = mcap.text_at(data, at)  # format
    picture, end = mcap.bytes_at(data, at)
    if end != len(data):
        raise ValueError("%d bytes behind the picture" % (len(data) - end))
    shape = _shape_of_png(picture)
    with silenced_native_stderr():
        image = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    if image is None or image.shape != shape:
        raise ValueError("a damaged picture")
    return image


def _shape_of_png(picture: bytes) -> Tuple[int, int, int]:
    """(H, W, 3) by the header; ValueError where the file is no such PNG, or too small to hold
    that."""
    if not picture.startswith(HEADER) or len(picture) < len(HEADER) + 13:
        raise ValueError("no PNG")
    width, height, *kind = struct.unpack_from(">IIBBBBB", picture, len(HEADER))
    if tuple(kind) != COLOUR_8_BIT:
        raise ValueError("a PNG of another kind than colours of 8 bits")
    # each row is led by a byte of its own
    if not 0 < height * (1 + 3 * width) <= DEFLATE_AT_MOST * len(picture) or width == 0:
        raise ValueError("a PNG of %dx%d in %d bytes" % (width, height, len(picture)))
    return height, width, 3
