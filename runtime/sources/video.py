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
from catseye.runtime.system.native_stderr import silenced_native_stderr

SHORTFALL = 0.9  # containers estimate their length, so a few frames less are no news

log = logging.getLogger("catseye")


class VideoSource(Source):
    """A video file. The timestamp of a frame is the moment it was read: a file has no capture time
    to be late for."""

    repeats_itself = True

    def __init__(self, path: str) -> None:
        """Raises SourceError where there is no frame in it."""
        self.description = path
        self._path = path
        self._capture, self._first = _opened(path)
        self.fps = plausible_fps(self._capture.get(cv2.CAP_PROP_FPS))

    def __iter__(self) -> Iterator[Frame]:
        image: Optional[np.ndarray] = self._first
        index = 0
        while image is not None:
            yield Frame(image, index, now_ns())
            image, index = _next_image(self._capture, self._path), index + 1
        promised = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        if index < SHORTFALL * promised:
            log.warning("%s ended after %d of %d frames; is it whole?", self._path, index, promised)

    def overwritten_by(self, path: str) -> bool:
        return os.path.realpath(path) == os.path.realpath(self._path)

    def close(self) -> None:
        self._capture.release()


def _opened(path: str) -> Tuple["cv2.VideoCapture", np.ndarray]:
    """The capture and its first frame; opening proves little, since a header without frames opens
    too."""
    try:
        with open(path, "rb"):  # OpenCV would only say "not opened"
            pass
    except OSError as error:
        raise SourceError(
            "cannot read %s: %s" % (path, error.strerror), "a readable file", "check the path"
        ) from error
    with silenced_native_stderr():
        capture = cv2.VideoCapture(path)
        first = _next_image(capture, path) if capture.isOpened() else None
    if first is None:
        raise SourceError(
            "no frame in %s (%d bytes)" % (path, os.path.getsize(path)),
            "a picture or a video",
            "check the file in a player; `catseye doctor` shows what OpenCV reads",
        )
    return capture, first


def _next_image(capture: "cv2.VideoCapture", path: str) -> Optional[np.ndarray]:
    """(H, W, 3) uint8 BGR, None at the end."""
    ok, image = capture.read()
    return checked_image(image, path) if ok else None
