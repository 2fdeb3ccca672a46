"""The mask of a result as a picture that viewers show: sensor_msgs/CompressedImage with a PNG whose
palette has the classes' colours, so that its indices are the class ids.

Knows that PNG and the wire format; nobody here reads it back.
"""

import struct
import zlib
from typing import Sequence, Tuple

import numpy as np

from catseye.runtime.frame import Frame
from catseye.runtime.picture_files.png import FIRST, LAST, SIGNATURE, packed
from catseye.runtime.recording import mcap
from catseye.runtime.recording.picture import FRAME_ID, PNG

IDS = 256
PALETTE = 3  # the colour type

ColoursRgb = Sequence[Tuple[int, int, int]]


def mask_message(frame: Frame, ids: np.ndarray, colours_rgb: ColoursRgb) -> bytes:
    """ids: (h, w) uint8 of the frame, or smaller.  colours_rgb: by id; what has none is black."""
    seconds, nanoseconds = divmod(frame.timestamp_ns, 10**9)
    head = struct.pack("<III", frame.index & 0xFFFFFFFF, seconds & 0xFFFFFFFF, nanoseconds)
    picture = png_from_ids(ids, colours_rgb)
    words = mcap.text(FRAME_ID) + mcap.text(PNG)
    return head + words + struct.pack("<I", len(picture)) + picture


def png_from_ids(ids: np.ndarray, colours_rgb: ColoursRgb) -> bytes:
    """An indexed PNG of 8 bits (PNG Specification, third edition, 11.2.1)."""
    height, width = ids.shape
    palette = np.zeros((IDS, 3), np.uint8)
    palette[: len(colours_rgb)] = colours_rgb
    rows = np.zeros((height, 1 + width), np.uint8)  # each led by its filter: none
    rows[:, 1:] = ids
    return (
        SIGNATURE
        + packed(FIRST, struct.pack(">IIBBBBB", width, height, 8, PALETTE, 0, 0, 0))
        + packed(b"PLTE", palette.tobytes())
        + packed(b"IDAT", zlib.compress(rows.tobytes(), 1))
        + packed(LAST, b"")
    )
