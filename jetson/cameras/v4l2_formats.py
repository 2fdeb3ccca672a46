"""Which picture formats a V4L2 device offers: two ioctls. Knows the kernel's structures; opens no
stream."""

import fcntl
import os
import re
import struct
from typing import Callable, List

QUERYCAP, QUERYCAP_BYTES = 0x80685600, 104  # VIDIOC_QUERYCAP
ENUM_FMT, ENUM_FMT_BYTES = 0xC0405602, 64  # VIDIOC_ENUM_FMT
CAPTURE = 1  # V4L2_BUF_TYPE_VIDEO_CAPTURE, and the bit of it among the capabilities
DEVICE_CAPS_AT, PIXEL_FORMAT_AT = 88, 44
MOST_FORMATS = 64
BAYER = re.compile(r"(RG|BG|GB|GR|BA)\d\d\Z|(RGGB|GRBG|GBRG)\Z")

Ioctl = Callable[[int, int, bytearray], object]


def formats_of(device: str, ioctl: Ioctl = fcntl.ioctl) -> List[str]:
    """Four-letter codes such as MJPG, YUYV or RG10; [] for a device that gives no pictures or
    cannot be asked."""
    try:
        handle = os.open(device, os.O_RDWR + os.O_NONBLOCK)
    except OSError:
        return []
    try:
        return _formats(handle, ioctl)
    except OSError:
        return []
    finally:
        os.close(handle)


def is_raw(formats: List[str]) -> bool:
    """Whether these are a bare sensor's Bayer patterns only (RG10, BG12, GRBG, ...), which need the
    image processor."""
    return bool(formats) and all(BAYER.match(code) for code in formats)


def _formats(handle: int, ioctl: Ioctl) -> List[str]:
    answer = bytearray(QUERYCAP_BYTES)
    ioctl(handle, QUERYCAP, answer)
    if not struct.unpack_from("<I", answer, DEVICE_CAPS_AT)[0] & CAPTURE:
        return []
    codes: List[str] = []
    while len(codes) < MOST_FORMATS:
        question = bytearray(ENUM_FMT_BYTES)
        struct.pack_into("<II", question, 0, len(codes), CAPTURE)
        try:
            ioctl(handle, ENUM_FMT, question)
        except OSError:  # EINVAL: that was the last
            break
        codes.append(
            bytes(question[PIXEL_FORMAT_AT : PIXEL_FORMAT_AT + 4])
            .decode("ascii", "replace")
            .strip()
        )
    return codes
