"""A camera that OpenCV has opened, whatever kind it is. Knows cv2.VideoCapture; not how one is
opened or reopened."""

import os
from typing import Optional

import cv2
import numpy as np

from catseye.runtime.clock.moment import Moment, now
from catseye.runtime.sources.base import checked_image, plausible_fps
from catseye.runtime.sources.faults import LOST, CameraFault
from catseye.runtime.sources.live.camera import UNDECODED, Camera, Shot
from catseye.runtime.sources.motion_jpeg import image_from_packet


class OpenCVCamera(Camera):
    """Losing it is a fault, since a camera has no last frame."""

    def __init__(
        self,
        capture: "cv2.VideoCapture",
        origin: str,
        gives_packets: bool = False,
        zero_ns: Optional[int] = None,
    ) -> None:
        """capture: an open cv2.VideoCapture.  origin: what errors call it.  gives_packets: of
        motion JPEG, undecoded.  zero_ns: the moment of time.monotonic from which the
        position of a picture counts; None: it does not tell when it was captured."""
        self._capture, self._origin = capture, origin
        self._frames = 0
        self.fps = plausible_fps(capture.get(cv2.CAP_PROP_FPS))
        self.mode = mode_of(capture)
        self._packets, self._zero_ns = gives_packets, zero_ns

    def read(self) -> Optional[Shot]:
        """The next picture. Raises CameraFault where none comes."""
        if not self._grab():
            raise CameraFault(
                LOST,
                "%s gave %s" % (self._origin, self._how_many()),
                "a camera that goes on",
                "check its cable, power and network",
            )
        taken = self._taken()  # between grab and retrieve: decoding is part of the frame's age
        ok, image = self._capture.retrieve()
        self._frames += 1
        if not ok or image is None:
            return Shot(taken, UNDECODED)
        if self._packets:
            return Shot(taken, image_from_packet(image))
        return Shot(taken, bgr_from(image, self._origin))

    def _taken(self) -> Moment:
        """Of the picture that has just been grabbed."""
        arrived = now()
        if self._zero_ns is None:
            return arrived
        at_ns = self._zero_ns + int(self._capture.get(cv2.CAP_PROP_POS_MSEC) * 1e6)
        return arrived.captured_before(arrived.monotonic_ns - at_ns)

    def _how_many(self) -> str:
        if self._frames:
            return "no more frames after %d" % self._frames
        return "no picture at all, though it opened as " + (self.mode or "a stream")

    def _grab(self) -> bool:
        """Wait for the next picture, undecoded or not; False where none comes."""
        return bool(self._capture.grab())

    def close(self) -> None:
        self._capture.release()


def bgr_from(image: object, origin: str) -> np.ndarray:
    """A checked picture; BGRx, which a board's camera gives at no cost, loses its fourth channel
    here, in one pass. Raises SourceError for what is no colour picture."""
    if isinstance(image, np.ndarray) and image.ndim == 3 and image.shape[2] == 4:
        image = cv2.cvtColor(image, cv2.COLOR_BGRA2BGR)
    return checked_image(image, origin)


def mode_of(capture: "cv2.VideoCapture") -> str:
    """What an open capture gives, in words: `1280x720 MJPG, 30 per second`; as far as it tells."""
    width, height = (
        int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
        int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
    )
    fps = capture.get(cv2.CAP_PROP_FPS)
    parts = ["%dx%d %s" % (width, height, fourcc_text(capture))] if min(width, height) > 0 else []
    return ", ".join(part.strip() for part in parts + (["%g per second" % fps] if fps > 0 else []))


def fourcc_text(capture: "cv2.VideoCapture") -> str:
    """MJPG and the like, "" where the code holds no letters."""
    text = (
        int(capture.get(cv2.CAP_PROP_FOURCC))
        .to_bytes(8, "little", signed=True)[:4]
        .decode("ascii", "replace")
    )
    return text if text.isprintable() and "\ufffd" not in text else ""


def keep_opencv_quiet() -> None:
    """A camera that is tried again and again makes OpenCV, and a damaged stream FFmpeg, print a
    line each time, past Python. Whoever wants them sets the level."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    set_level = getattr(cv2, "setLogLevel", None)  # OpenCV 4
    if set_level is None:  # OpenCV 5
        set_level = getattr(getattr(cv2.utils, "logging", None), "setLogLevel", None)
    if set_level is not None and "OPENCV_LOG_LEVEL" not in os.environ:
        set_level(0)
