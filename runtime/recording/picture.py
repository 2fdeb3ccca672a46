"""The picture of a recorded frame as a ROS 1 message, written and read back:
sensor_msgs/CompressedImage with a PNG or a JPEG in it, foxglove_msgs/CompressedVideo with a picture
of H.264.

Knows the wire format and the headers of the pictures, whose size is checked before anything is
allocated; not the container around the message (mcap.py).
"""

import struct
from typing import NamedTuple, Optional, Tuple

import cv2
import numpy as np

from catseye.runtime.coding.h264 import H264Decoder, H264Encoder, demanded_h264
from catseye.runtime.frame import Frame
from catseye.runtime.picture_files.jpeg import jpeg_header
from catseye.runtime.picture_files.png import chunks
from catseye.runtime.recording import mcap
from catseye.runtime.system.native_stderr import silenced_native_stderr

PNG, JPEG, H264 = CODECS = ("png", "jpeg", "h264")
LOSSLESS = PNG
DEFINITION = """std_msgs/Header header
string format
uint8[] data
================================================================================
MSG: std_msgs/Header
uint32 seq
time stamp
string frame_id
"""
VIDEO_DEFINITION = """time timestamp
string frame_id
uint8[] data
string format
"""
# lossless, and by benchmarks/record.py the fastest of those that viewers show
PNG_OPTIONS = [
    cv2.IMWRITE_PNG_COMPRESSION,
    1,
    cv2.IMWRITE_PNG_STRATEGY,
    cv2.IMWRITE_PNG_STRATEGY_HUFFMAN_ONLY,
]
QUALITIES = {JPEG: 85, H264: 48}  # of 100, where none is asked for
FRAME_ID = "camera"
STAMP_BYTES, VIDEO_STAMP_BYTES = 12, 8  # seq, seconds, nanoseconds
HEADER = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR"
COLOUR_8_BIT = (8, 2, 0, 0, 0)  # bits, RGB, and the only methods of deflate, filter and interlacing
DEFLATE_AT_MOST = 1032  # times its bytes is what deflated data can hold
JPEG_AT_MOST = 1024  # pixels in a byte: a block of 64 takes a bit of each colour at least


class PictureFormat(NamedTuple):
    """codec: one of CODECS.  quality: 1 to 100; None: the codec's own, and where it loses
    nothing."""

    codec: str = PNG
    quality: Optional[int] = None

    @property
    def schema(self) -> mcap.Schema:
        """Of its messages, as number 1."""
        if self.codec == H264:
            return mcap.Schema(1, "foxglove_msgs/CompressedVideo", "ros1msg", VIDEO_DEFINITION)
        return mcap.Schema(1, "sensor_msgs/CompressedImage", "ros1msg", DEFINITION)


class PictureWriter:
    """Frames of one camera to messages."""

    def __init__(self, form: PictureFormat = PictureFormat()) -> None:
        """Raises CatseyeError where there is no such encoder here."""
        self._codec = form.codec
        self._quality = QUALITIES.get(form.codec, 0) if form.quality is None else form.quality
        self._encoder: Optional[H264Encoder] = None
        if self._codec == H264:
            demanded_h264()

    def message(self, frame: Frame) -> bytes:
        """The frame's picture and time as ROS 1 puts them on the wire."""
        seconds, nanoseconds = divmod(frame.timestamp_ns, 10**9)
        stamp = struct.pack("<II", seconds & 0xFFFFFFFF, nanoseconds)
        picture = self._encoded(frame.image)
        data = struct.pack("<I", len(picture)) + picture
        if self._codec == H264:
            return stamp + mcap.text(FRAME_ID) + data + mcap.text(self._codec)
        sequence = struct.pack("<I", frame.index & 0xFFFFFFFF)
        return sequence + stamp + mcap.text(FRAME_ID) + mcap.text(self._codec) + data

    def _encoded(self, image: np.ndarray) -> bytes:
        if self._codec == PNG:
            return bytes(cv2.imencode(".png", image, PNG_OPTIONS)[1])
        if self._codec == JPEG:
            options = [cv2.IMWRITE_JPEG_QUALITY, self._quality]
            return bytes(cv2.imencode(".jpg", image, options)[1])
        size_wh = (image.shape[1], image.shape[0])
        if self._encoder is None or self._encoder.size_wh != size_wh:
            self._encoder = H264Encoder(size_wh, self._quality)
        return self._encoder.encoded(image)


class PictureReader:
    """The inverse, for the messages of one log."""

    def __init__(self, codec: str = PNG) -> None:
        """Raises CatseyeError where there is no such decoder here."""
        self._codec = codec
        self._decoder = H264Decoder() if codec == H264 else None

    def image(self, message: bytes, size_wh: Optional[Tuple[int, int]] = None) -> np.ndarray:
        """(H, W, 3) uint8 BGR; raises ValueError for all that was not written so. size_wh: of the
        picture; None where nobody else tells, which will not do for H.264."""
        if self._decoder is not None:
            if size_wh is None:
                raise ValueError("H.264 without a size")
            return self._decoder.decoded(coded_picture(message, H264), size_wh)
        picture = coded_picture(message, self._codec)
        shape = _shape_of_png(picture) if self._codec == PNG else _shape_of_jpeg(picture)
        if size_wh is not None and shape[1::-1] != size_wh:
            raise ValueError("a picture of %dx%d for %dx%d" % (shape[1::-1] + size_wh))
        with silenced_native_stderr():
            image = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
        if image is None or image.shape != shape:
            raise ValueError("a damaged picture")
        return image


def coded_picture(message: bytes, codec: str) -> bytes:
    """The picture in a message, as it was coded; raises ValueError where it is cut off."""
    is_video = codec == H264
    _, at = mcap.text_at(message, VIDEO_STAMP_BYTES if is_video else STAMP_BYTES)  # frame_id
    if is_video:
        picture, at = mcap.bytes_at(message, at)
        _, end = mcap.text_at(message, at)  # format
    else:
        _, at = mcap.text_at(message, at)  # format
        picture, end = mcap.bytes_at(message, at)
    if end != len(message):
        raise ValueError("%d bytes behind the picture" % (len(message) - end))
    return picture


def _shape_of_png(picture: bytes) -> Tuple[int, int, int]:
    """(H, W, 3) by the header; ValueError where the file is no such PNG, or too small to hold
    that."""
    if not picture.startswith(HEADER) or len(picture) < len(HEADER) + 13:
        raise ValueError("no PNG")
    width, height, *kind = struct.unpack_from(">IIBBBBB", picture, len(HEADER))
    if tuple(kind) != COLOUR_8_BIT:
        raise ValueError("a PNG of another kind than colours of 8 bits")
    # what a chunk claims to be long, newer OpenCVs allocate
    for _ in chunks(picture, checked=False):
        pass
    # each row is led by a byte of its own
    if not 0 < height * (1 + 3 * width) <= DEFLATE_AT_MOST * len(picture) or width == 0:
        raise ValueError("a PNG of %dx%d in %d bytes" % (width, height, len(picture)))
    return height, width, 3


def _shape_of_jpeg(picture: bytes) -> Tuple[int, int, int]:
    """The same of a JPEG."""
    header = jpeg_header(picture)
    width, height = header.width, header.height
    if not 0 < width * height <= JPEG_AT_MOST * len(picture):
        raise ValueError("a JPEG of %dx%d in %d bytes" % (width, height, len(picture)))
    return height, width, 3
