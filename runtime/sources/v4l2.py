"""`v4l2://DEVICE`: cameras of the kernel's Video4Linux. Knows devices and what is asked of them."""

import glob
import logging
import os
import stat
from typing import NamedTuple, Optional, Tuple

import cv2

from catseye.runtime.errors import SourceError
from catseye.runtime.sources.live.opencv_camera import OpenCVCamera, fourcc_text, keep_opencv_quiet
from catseye.runtime.sources.live.source import LiveSource, open_live
from catseye.runtime.sources.options import FPS, LIMITS, SIZE, limits_among
from catseye.runtime.system.native_stderr import silenced_native_stderr
from catseye.runtime.system.opencv_build import check_opencv_takes
from catseye.runtime.system.option_values import Options, looks_like_options, read_options

log = logging.getLogger("catseye")

EXAMPLE = "v4l2:///dev/video0?size=1280x720&fps=30&format=MJPG"


class Wish(NamedTuple):
    """What is asked of the camera; None: its own choice. It may give something else."""

    size_wh: Optional[Tuple[int, int]] = None
    fps: Optional[float] = None
    format: Optional[str] = None


def open_v4l2(rest: str, description: str) -> LiveSource:
    """`rest`: a path such as /dev/video0, taken literally, options behind it. Raises
    SourceError where no camera opens, CatseyeError for an option that does not fit."""
    device, text = split_options(rest)
    values = read_options(text, OPTIONS, EXAMPLE)
    limits, wish = limits_among(values), Wish(**values)
    _check_device(device)
    keep_opencv_quiet()
    with silenced_native_stderr():
        source = open_live(lambda: opened(device, wish), description, limits)
    return source


def split_options(rest: str) -> Tuple[str, str]:
    """The path and its options: a device of the whole name wins; else what follows the last `?`, if
    it reads so."""
    path, mark, text = rest.rpartition("?")
    if mark and not os.path.exists(rest) and (looks_like_options(text) or os.path.exists(path)):
        return path, text
    return rest, ""


def opened(device: str, wish: Wish) -> OpenCVCamera:
    """The camera, asked for what is wished; raises SourceError where none opens."""
    check_opencv_takes(device, SourceError)
    _check_device(device)
    capture = cv2.VideoCapture(device, cv2.CAP_V4L2)
    if not capture.isOpened():
        raise SourceError(
            "%s does not open as a camera" % device,
            "a V4L2 capture device that no other program uses",
            "try another of " + _devices(),
        )
    ask(capture, wish)
    return OpenCVCamera(capture, device, zero_ns=0)  # the kernel's own time of the buffer


def ask(capture: "cv2.VideoCapture", wish: Wish) -> None:
    """Format first, since sizes and rates depend on it; what the camera gives instead is logged."""
    if wish.format:
        capture.set(cv2.CAP_PROP_FOURCC, int.from_bytes(wish.format.encode(), "little"))
    if wish.size_wh:
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, wish.size_wh[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, wish.size_wh[1])
    if wish.fps:
        capture.set(cv2.CAP_PROP_FPS, wish.fps)
    size = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
    given = Wish(size, capture.get(cv2.CAP_PROP_FPS), fourcc_text(capture))
    for field, asked, got in zip(Wish._fields, wish, given):
        if asked is not None and asked != got:
            log.warning("asked for %s %s, the camera gives %s", field, _words(asked), _words(got))


def _words(value: object) -> str:
    return (
        "%dx%d" % value
        if isinstance(value, tuple)
        else "%g" % value
        if isinstance(value, float)
        else str(value)
    )


def _fourcc(text: str) -> str:
    if len(text) != 4 or not text.isalnum() or not text.isupper():
        raise ValueError(text)
    return text


OPTIONS: Options = dict(
    {
        "size": SIZE,
        "fps": FPS,
        "format": ("format", _fourcc, "four capital letters or digits, such as MJPG, YUYV or UYVY"),
    },
    **LIMITS,
)


def _check_device(device: str) -> None:
    if not os.path.exists(device):
        raise SourceError(
            "no camera %s" % (device or "named"),
            "a device such as v4l2:///dev/video0",
            "here there is " + _devices(),
        )
    if not stat.S_ISCHR(os.stat(device).st_mode):
        raise SourceError(
            "%s is no device" % device,
            "a camera such as /dev/video0",
            "for a file give its path without v4l2://",
        )
    if not (os.access(device, os.R_OK) and os.access(device, os.W_OK)):
        raise SourceError(
            "no right to use %s" % device,
            "read and write access",
            "join its group, usually `video`",
        )


def _devices() -> str:
    return (
        ", ".join(sorted(glob.glob("/dev/video*")))
        or "no /dev/video* at all: is the camera plugged in?"
    )
