"""CSI cameras of a Jetson: the GStreamer pipeline that brings their frames to OpenCV, and what may
be asked of one.

The sensor goes through the board's image processor (nvarguscamerasrc), its frames leave the chip's
own memory as BGRx (nvvidconv has no BGR), and an appsink that holds one frame drops older ones.
OpenCV 4.5 and later takes BGRx as it is; the one of JetPack 4.6 does not, and there the CPU
converts. Knows text only; no camera is touched here.
"""

from fractions import Fraction
from typing import NamedTuple, Optional, Sequence, Tuple

from catseye.jetson.cameras.sensor_modes import SENSORS, mode_for, words_of
from catseye.runtime.errors import CatseyeError

# methods of nvvidconv: 0 none, 1 a quarter turn left, 2 half a turn, 3 right, 4 mirrored, ...
FLIPS = 8
Range = Tuple[float, float]


class CsiMode(NamedTuple):
    """size_wh, fps: what the image processor gives, before a flip.  flip: nvvidconv's flip-method.

    exposure_us, gain: the least and the most that automatic exposure may choose.  number: a mode of
    the sensor's driver; None leaves the choice to Argus.
    """

    size_wh: Tuple[int, int] = (1280, 720)
    fps: float = 30.0
    flip: int = 0
    exposure_us: Optional[Range] = None
    gain: Optional[Range] = None
    number: Optional[int] = None


def csi_pipeline(sensor_id: int, mode: CsiMode, takes_bgrx: bool = True) -> str:
    """gst-launch text for cv2.VideoCapture(text, cv2.CAP_GSTREAMER).

    takes_bgrx: frames arrive as BGRx, (H, W, 4); else as BGR, by a pass of videoconvert.
    """
    rate = Fraction(mode.fps).limit_denominator(1001)
    convert = "" if takes_bgrx else " ! videoconvert ! video/x-raw,format=BGR"
    return (
        "nvarguscamerasrc sensor-id=%d%s"
        " ! video/x-raw(memory:NVMM),width=%d,height=%d,format=NV12,framerate=%d/%d"
        " ! nvvidconv flip-method=%d ! video/x-raw,format=BGRx%s"
        " ! appsink drop=true max-buffers=1 sync=false"
        % (
            (sensor_id, _wishes(mode))
            + mode.size_wh
            + (rate.numerator, rate.denominator, mode.flip, convert)
        )
    )


def check_mode(mode: CsiMode, sensor_id: int, names: Sequence[str]) -> None:
    """Raise CatseyeError for what the sensor cannot do. names: the board's sensors; an unknown one
    is not judged."""
    if mode.exposure_us is not None and mode.exposure_us[1] > 1e6 / mode.fps:
        raise CatseyeError(
            "exposure up to %g microseconds at %g per second" % (mode.exposure_us[1], mode.fps),
            "at most one frame's time, %d" % (1e6 / mode.fps),
            "lower fps or exposure",
        )
    name = names[sensor_id] if sensor_id < len(names) else ""
    if name not in SENSORS:
        return
    sensor = SENSORS[name]
    if mode_for(sensor, mode.size_wh, mode.fps) is None:
        raise CatseyeError(
            "the %s has no %dx%d at %g per second" % ((name,) + mode.size_wh + (mode.fps,)),
            "at most one of " + words_of(sensor),
        )
    for what, asked, able in (
        ("exposure", mode.exposure_us, sensor.exposure_us),
        ("gain", mode.gain, sensor.gain),
    ):
        if (
            asked is not None
            and able is not None
            and not able[0] <= asked[0] <= asked[1] <= able[1]
        ):
            raise CatseyeError(
                "%s of %g-%g from the %s" % ((what,) + asked + (name,)), "within %g-%g" % able
            )


def _wishes(mode: CsiMode) -> str:
    """nvarguscamerasrc's own properties; exposure in nanoseconds there."""
    text = "" if mode.number is None else " sensor-mode=%d" % mode.number
    if mode.exposure_us is not None:
        text += ' exposuretimerange="%d %d"' % tuple(
            round(limit * 1000) for limit in mode.exposure_us
        )
    if mode.gain is not None:
        text += ' gainrange="%g %g"' % mode.gain
    return text
