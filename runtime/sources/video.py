"""Video files: every frame, in order, as fast as it is taken. Knows cv2.VideoCapture; a file never
skips."""

import logging
import os
from typing import Iterator, Optional, Tuple

import cv2
import numpy as np

from catseye.runtime.errors import SourceError
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.sources.base import Source, checked_image, plausible_fps
from catseye.runtime.sources.live.camera import UNDECODED
from catseye.runtime.sources.motion_jpeg import gives_packets, image_from_packet
from catseye.runtime.system.native_stderr import silenced_native_stderr

SHORTFALL = 0.9  # containers estimate their length, so a few frames less are no news

log = logging.getLogger("catseye")


class VideoSource(Source):
    """A video file. The timestamp of a frame is the moment it was read: a file has no capture time
    to be late for."""

    repeats_itself = True

    def __init__(self, path: str, shown: str = "") -> None:
        """path: of the file, or its address, of which `shown` may be seen. Raises SourceError where
        there is no frame in it."""
        self.description = self._path = shown or path
        if not shown:
            _check_readable(path)
        with silenced_native_stderr():
            self._capture, self._packets, self._first = _opened(path)
        if not self._first.size:
            raise _no_frame(path, self._path)
        self.fps = plausible_fps(self._capture.get(cv2.CAP_PROP_FPS))

    def __iter__(self) -> Iterator[Frame]:
        image: Optional[np.ndarray] = self._first
        index = torn = 0
        while image is not None:
            if image.size:
                yield Frame(checked_image(image, self._path), index, now_ns())
            torn += not image.size
            image, index = _next_image(self._capture, self._packets), index + 1
        promised = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        if torn:
            log.warning("%s: torn pictures left out: %d of %d", self._path, torn, index)
        if index < SHORTFALL * promised:
            log.warning("%s ended after %d of %d frames; is it whole?", self._path, index, promised)

    def overwritten_by(self, path: str) -> bool:
        return os.path.realpath(path) == os.path.realpath(self._path)

    def close(self) -> None:
        self._capture.release()


def _check_readable(path: str) -> None:
    try:
        with open(path, "rb"):  # OpenCV would only say "not opened"
            pass
    except OSError as error:
        raise SourceError(
            "cannot read %s: %s" % (path, error.strerror), "a readable file", "check the path"
        ) from error


def _opened(path: str) -> Tuple["cv2.VideoCapture", bool, np.ndarray]:
    """The capture, whether it gives packets, and its first frame, empty where there is none:
    opening proves little, since a header without frames opens too."""
    capture = cv2.VideoCapture(path)
    if gives_packets(capture):
        first = _next_image(capture, packets=True)
        height_width = tuple(
            int(capture.get(each)) for each in (cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FRAME_WIDTH)
        )
        if first is not None and first.shape[:2] == height_width:
            return capture, True, first
        capture.release()  # two fields in a packet, which FFmpeg weaves, or a torn first one
        capture = cv2.VideoCapture(path)
    first = _next_image(capture, packets=False)
    return capture, False, UNDECODED if first is None else first


def _next_image(capture: "cv2.VideoCapture", packets: bool) -> Optional[np.ndarray]:
    """The next picture, empty where it is torn; None at the end."""
    ok, image = capture.read()
    if not ok:
        return None
    return image_from_packet(image) if packets else image


def _no_frame(path: str, shown: str) -> SourceError:
    size = " (%d bytes)" % os.path.getsize(path) if path == shown else ""
    return SourceError(
        "no frame in %s%s" % (shown, size),
        "a picture or a video",
        "check the file in a player; `catseye doctor` shows what OpenCV reads",
    )
