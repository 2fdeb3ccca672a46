"""The .mp4 sink: annotated pictures as a video, whole under its name or not there. Knows cv2.VideoWriter."""

import os
from contextlib import ExitStack
from typing import Any, Optional, Tuple

import cv2

from catseye.runtime.errors import CatseyeError
from catseye.runtime.files import written_beside
from catseye.runtime.frame import Frame
from catseye.runtime.hush import hushed
from catseye.runtime.sinks.base import Sink, WriteReport
from catseye.runtime.sinks.places import check_new_file, check_space
from catseye.runtime.tasks import Result
from catseye.runtime.tasks.letterbox import letterbox

FOURCC = "mp4v"
CODEC = int.from_bytes(FOURCC.encode(), "little")  # the one codec that every OpenCV with FFmpeg writes into mp4


class VideoSink(Sink):
    """Writes beside its name and takes the name on close, also when an error or a signal ended the run.

    A file that was there before stays untouched until then. The first frame gives the size; later frames of another
    size are fitted into it. fps: the pace of the video, the source's own.
    """

    def __init__(self, path: str, fps: float) -> None:
        check_new_file(path)
        self.path, self._fps = path, fps
        self._folder = os.path.dirname(path) or "."
        self._file, self._temporary = ExitStack(), ""
        self._writer: Optional[Any] = None
        self._size_wh = (0, 0)

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        check_space(self._folder)
        picture = report.annotated
        if self._writer is None:
            self._size_wh = (picture.shape[1], picture.shape[0])
            self._writer = self._opened(self._size_wh)
        if picture.shape[1::-1] != self._size_wh:  # VideoWriter drops such a frame without a word
            picture = letterbox(picture, self._size_wh)[0]
        self._writer.write(picture)

    def close(self) -> None:
        if self._writer is not None:
            writer, self._writer = self._writer, None
            with self._file:
                writer.release()
                _check_finished(self._temporary, self.path)

    def _opened(self, size_wh: Tuple[int, int]) -> Any:
        with ExitStack() as stack:
            self._temporary = stack.enter_context(written_beside(self.path))
            with hushed():
                writer = cv2.VideoWriter(self._temporary, CODEC, self._fps, size_wh)
            if not writer.isOpened():
                raise CatseyeError("OpenCV cannot write %s as %dx%d %s" % ((self.path,) + size_wh + (FOURCC,)),
                                   "an OpenCV with FFmpeg or GStreamer", "see `catseye doctor`, or write to a folder")
            self._file = stack.pop_all()  # stays open until close()
        return writer


def _check_finished(temporary: str, path: str) -> None:
    """VideoWriter reports nothing; a video whose index is missing does not open."""
    with hushed():
        reader = cv2.VideoCapture(temporary)
    whole = reader.isOpened()
    reader.release()
    if not whole:
        raise CatseyeError("%s could not be finished" % path, "a disk that takes it whole", "free some space")
