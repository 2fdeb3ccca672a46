"""`csi://N`: the camera on a board's ribbon, through GStreamer. The pipeline's text comes from catseye.jetson.csi."""

import logging
from typing import Any, NamedTuple, Tuple

import cv2

from catseye.jetson.csi import FLIPS, csi_pipeline
from catseye.runtime.errors import CatseyeError
from catseye.runtime.hush import hushed
from catseye.runtime.opencv_build import opencv_has
from catseye.runtime.sources.live import LiveSource, open_live
from catseye.runtime.sources.opencv_camera import OpenCVCamera, keep_opencv_quiet
from catseye.runtime.sources.options import FPS, LIMITS, SIZE, Options, limits_among, read_options, whole

log = logging.getLogger("catseye")

EXAMPLE = "csi://0?size=1280x720&fps=30&flip=2"
HIGHEST_SENSOR = 15


class CsiMode(NamedTuple):
    """size_wh, fps: one of the sensor's modes.  flip: nvvidconv's flip-method."""

    size_wh: Tuple[int, int] = (1280, 720)
    fps: float = 30.0
    flip: int = 0


def open_csi(rest: str, description: str) -> LiveSource:
    """`rest`: the sensor's number, with options. Raises CatseyeError where no such camera gives a picture."""
    number, _, text = rest.partition("?")
    values = read_options(text, OPTIONS, EXAMPLE)
    limits, mode = limits_among(values), CsiMode(**values)
    try:
        sensor_id = whole(0, HIGHEST_SENSOR)(number)
    except ValueError:
        raise CatseyeError("CSI sensor %r" % number, "a number from 0 to %d" % HIGHEST_SENSOR,
                           "such as " + EXAMPLE) from None
    if not opencv_has("GStreamer"):
        raise CatseyeError("this OpenCV was built without GStreamer", "it for CSI cameras",
                           "use JetPack's OpenCV; `catseye doctor` finds what hides it")
    keep_opencv_quiet()
    with hushed():
        return open_live(lambda: opened(sensor_id, mode), description, limits)


def opened(sensor_id: int, mode: CsiMode) -> OpenCVCamera:
    """The camera, as BGRx where this OpenCV takes that; raises CatseyeError where neither way opens."""
    for takes_bgrx in (True, False):
        capture: Any = cv2.VideoCapture(csi_pipeline(sensor_id, *mode, takes_bgrx=takes_bgrx), cv2.CAP_GSTREAMER)
        if capture.isOpened():
            if not takes_bgrx:
                log.info("this OpenCV takes no BGRx: the CPU converts every frame")
            return OpenCVCamera(capture, "csi://%d" % sensor_id)
    raise CatseyeError("no picture from CSI sensor %d at %dx%d, %g per second" % (
        (sensor_id,) + mode.size_wh + (mode.fps,)), "a sensor with that mode that nobody else uses",
        "check the ribbon; restart nvargus-daemon; try another size or fps")


OPTIONS: Options = dict({
    "size": SIZE,
    "fps": FPS,
    "flip": ("flip", whole(0, FLIPS - 1), "a whole number from 0 to %d, nvvidconv's flip-method" % (FLIPS - 1)),
}, **LIMITS)
