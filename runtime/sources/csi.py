"""`csi://N`: the camera on a board's ribbon, through GStreamer.

The pipeline's text, the sensors' limits and the meaning of NVIDIA's complaints come from
catseye.jetson.
"""

import logging
from typing import Tuple

import cv2

from catseye.jetson.cameras import (
    FLIPS,
    CsiMode,
    check_mode,
    complaint_in,
    csi_pipeline,
    sensor_names,
)
from catseye.runtime.clock.gstreamer_base_time import base_time_of_pipeline
from catseye.runtime.errors import CatseyeError, SourceError
from catseye.runtime.sources.faults import LOST, CameraFault
from catseye.runtime.sources.live.opencv_camera import OpenCVCamera, keep_opencv_quiet
from catseye.runtime.sources.live.source import LiveSource, open_live
from catseye.runtime.sources.options import FPS, LIMITS, SIZE, limits_among
from catseye.runtime.system.native_stderr import captured_native_stderr
from catseye.runtime.system.opencv_build import opencv_has
from catseye.runtime.system.option_values import Options, read_options, whole

log = logging.getLogger("catseye")

EXAMPLE = "csi://0?size=1280x720&fps=60&flip=2"
HIGHEST_SENSOR, HIGHEST_MODE = 15, 31


def open_csi(rest: str, description: str) -> LiveSource:
    """`rest`: the sensor's number, with options. Raises SourceError where no such camera gives a
    picture, CatseyeError for a number or an option that none has."""
    number, _, text = rest.partition("?")
    values = read_options(text, OPTIONS, EXAMPLE)
    limits, mode = limits_among(values), CsiMode(**values)
    try:
        sensor_id = whole(0, HIGHEST_SENSOR)(number)
    except ValueError:
        raise CatseyeError(
            "CSI sensor %r" % number, "a number from 0 to %d" % HIGHEST_SENSOR, "such as " + EXAMPLE
        ) from None
    check_mode(mode, sensor_id, sensor_names())
    if not opencv_has("GStreamer"):
        raise SourceError(
            "this OpenCV was built without GStreamer",
            "it for CSI cameras",
            "use JetPack's OpenCV; `catseye doctor` finds what hides it",
        )
    keep_opencv_quiet()
    with captured_native_stderr() as said:
        try:
            return open_live(lambda: opened(sensor_id, mode), description, limits)
        except SourceError:
            complaint = complaint_in(said())
    raise SourceError("%s: %s" % (description, complaint.found), complaint.expected, complaint.fix)


def opened(sensor_id: int, mode: CsiMode) -> OpenCVCamera:
    """The camera, as BGRx where this OpenCV takes that; raises CameraFault where neither way
    opens."""
    for takes_bgrx in (True, False):
        with base_time_of_pipeline() as base_time_ns:
            capture = cv2.VideoCapture(csi_pipeline(sensor_id, mode, takes_bgrx), cv2.CAP_GSTREAMER)
        if capture.isOpened():
            if not takes_bgrx:
                log.info("this OpenCV takes no BGRx: the CPU converts every frame")
            return OpenCVCamera(capture, "csi://%d" % sensor_id, zero_ns=base_time_ns())
    raise CameraFault(LOST, "CSI sensor %d does not open" % sensor_id)


def span(text: str) -> Tuple[float, float]:
    """ "100-8000" -> (100, 8000); one number alone is both ends."""
    least, _, most = text.partition("-")
    ends = float(least), float(most or least)
    if not 0 < ends[0] <= ends[1] < float("inf"):
        raise ValueError(text)
    return ends


OPTIONS: Options = dict(
    {
        "size": SIZE,
        "fps": FPS,
        "flip": (
            "flip",
            whole(0, FLIPS - 1),
            "a whole number from 0 to %d, nvvidconv's flip-method" % (FLIPS - 1),
        ),
        "exposure": ("exposure_us", span, "microseconds, LEAST-MOST or one number"),
        "gain": ("gain", span, "a factor, LEAST-MOST or one number"),
        "mode": ("number", whole(0, HIGHEST_MODE), "the number of one of the driver's modes"),
    },
    **LIMITS,
)
