"""The `display://` sink: a window with the annotated picture; q, Escape or closing it ends the
run."""

import os
import sys
import time
from typing import Dict, Sequence

import cv2
import numpy as np

from catseye.runtime.errors import SinkError
from catseye.runtime.frame import Frame
from catseye.runtime.sinks.base import EndRun, LinedPicture, Sink, WriteReport
from catseye.runtime.sinks.viewing import Viewing
from catseye.runtime.sources.faults import Notice
from catseye.runtime.tasks import Result

WINDOW = "catseye"
ENDING_KEYS = (ord("q"), 27)


class DisplaySink(Sink):
    """A window on this machine's screen for each camera. Stays in the loop's thread: window systems
    want the main one."""

    own_thread = False

    def __init__(self, viewing: Viewing = Viewing(), cameras: Sequence[str] = ("",)) -> None:
        """viewing: which pictures are wanted.  cameras: the names of those whose results come.

        Raises SinkError where there is no screen, or this OpenCV shows no windows.
        """
        self._viewing, self._next_s = viewing, dict.fromkeys(cameras, 0.0)
        self._last: Dict[str, LinedPicture] = {}
        # asked first, because OpenCV's Qt ends the whole program where there is no screen
        if sys.platform.startswith("linux") and not (
            os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        ):
            raise SinkError(
                "no display", "a screen (DISPLAY is not set)", "use another sink, such as out.mp4"
            )
        try:
            for camera in cameras:
                cv2.namedWindow(window_of(camera), cv2.WINDOW_NORMAL)
        except cv2.error as error:
            raise SinkError(
                "this OpenCV shows no windows",
                "opencv-python, or a board's own OpenCV",
                "install that one, or use another sink, such as out.mp4",
            ) from error

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        now_s, camera = time.monotonic(), frame.camera
        if now_s < self._next_s[camera]:
            return
        self._next_s[camera] = now_s + (1 / self._viewing.fps if self._viewing.fps else 0.0)
        self._last[camera] = report.lined_for(self._viewing)
        self._show(camera, self._last[camera].picture)

    def notice(self, notice: Notice) -> None:
        if notice.camera in self._last:
            self._show(notice.camera, self._last[notice.camera].with_line(notice.words))

    def _show(self, camera: str, picture: np.ndarray) -> None:
        window = window_of(camera)
        cv2.imshow(window, picture)
        key = cv2.waitKey(1) & 0xFF
        if key in ENDING_KEYS or cv2.getWindowProperty(window, cv2.WND_PROP_VISIBLE) < 1:
            raise EndRun()

    def close(self) -> None:
        cv2.destroyAllWindows()


def window_of(camera: str) -> str:
    """The title of its window."""
    return (WINDOW + " " + camera).strip()
