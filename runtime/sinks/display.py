"""The `display://` sink: a window with the annotated picture; q, Escape or closing it ends the
run."""

import os
import sys
import time
from typing import Optional

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
    """A window on this machine's screen. Stays in the loop's thread: window systems want the main
    one."""

    own_thread = False

    def __init__(self, viewing: Viewing = Viewing()) -> None:
        """viewing: which pictures are wanted.

        Raises SinkError where there is no screen, or this OpenCV shows no windows.
        """
        self._viewing, self._next_s = viewing, 0.0
        self._last: Optional[LinedPicture] = None
        # asked first, because OpenCV's Qt ends the whole program where there is no screen
        if sys.platform.startswith("linux") and not (
            os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        ):
            raise SinkError(
                "no display", "a screen (DISPLAY is not set)", "use another sink, such as out.mp4"
            )
        try:
            cv2.namedWindow(WINDOW, cv2.WINDOW_NORMAL)
        except cv2.error as error:
            raise SinkError(
                "this OpenCV shows no windows",
                "opencv-python, or a board's own OpenCV",
                "install that one, or use another sink, such as out.mp4",
            ) from error

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        now_s = time.monotonic()
        if now_s < self._next_s:
            return
        self._next_s = now_s + (1 / self._viewing.fps if self._viewing.fps else 0.0)
        self._last = report.lined_for(self._viewing)
        self._show(self._last.picture)

    def notice(self, notice: Notice) -> None:
        if self._last is not None:
            self._show(self._last.with_line(notice.words))

    def _show(self, picture: np.ndarray) -> None:
        cv2.imshow(WINDOW, picture)
        key = cv2.waitKey(1) & 0xFF
        if key in ENDING_KEYS or cv2.getWindowProperty(WINDOW, cv2.WND_PROP_VISIBLE) < 1:
            raise EndRun()

    def close(self) -> None:
        cv2.destroyAllWindows()
