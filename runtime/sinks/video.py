"""The .mp4 sink: annotated pictures as a video that can be played at every moment. Knows
cv2.VideoWriter."""

import logging
import os
import time
from typing import Optional, Tuple

import cv2
import numpy as np

from catseye.runtime.errors import CatseyeError, SinkError
from catseye.runtime.frame import Frame
from catseye.runtime.sinks.base import Sink, WriteReport, with_line
from catseye.runtime.sinks.mp4 import FragmentedFile
from catseye.runtime.sinks.output_paths import check_new_file, check_space, writing
from catseye.runtime.sources.faults import Notice
from catseye.runtime.system.native_stderr import silenced_native_stderr
from catseye.runtime.system.opencv_build import check_opencv_takes
from catseye.runtime.system.staging import staged_file
from catseye.runtime.tasks import Result
from catseye.runtime.tasks.letterbox import letterbox

FOURCC = "mp4v"
# the one codec that every OpenCV with FFmpeg writes into mp4
CODEC = int.from_bytes(FOURCC.encode(), "little")
PIECE_S = 1.0  # what a power cut or `kill -9` may cost
# that one notice stands for: longer than a camera may hang before it is given up
LONGEST_STILL_S = 15.0

log = logging.getLogger("catseye")


class VideoSink(Sink):
    """Writes a second at a time; the file takes its name with the first one and can be played from
    then on.

    A video that was there before is kept: this one takes the next free name. The first frame gives
    the size; later frames of another size are fitted into it. While there is no camera the last
    picture stands still with the notice on it, so that no gap is silent; before the first frame
    there is none to show. fps: the pace of the video, the source's own.
    """

    def __init__(self, path: str, fps: float) -> None:
        """Raises SinkError where no file can be written at `path`, or another run writes there."""
        check_opencv_takes(path, SinkError)
        check_new_file(path)
        self.path, self._fps = path, fps
        self._folder = os.path.dirname(path) or "."
        self._video = FragmentedFile(path)
        self._piece: Optional[_Piece] = None
        self._size_wh = (0, 0)
        self._overlay: Optional[np.ndarray] = None  # the last one
        self._written_s = 0.0
        self._in_piece = 0  # results taken that are not in the file yet

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        self._overlay = report.overlay
        if self._add(report.annotated).is_long:
            self._append()  # where it fails, this result is its caller's to count
        else:
            self._in_piece += 1

    def notice(self, notice: Notice) -> None:
        if self._overlay is None:
            return
        picture = with_line(self._overlay, notice.words)
        seconds = min(time.monotonic() - self._written_s, LONGEST_STILL_S)
        for _ in range(int(seconds * self._fps)):
            if self._add(picture).is_long:
                self._append()

    def _add(self, picture: np.ndarray) -> "_Piece":
        """Write a (H, W, 3) uint8 BGR picture of any size into the piece that is being written."""
        check_space(self._folder)
        if self._size_wh == (0, 0):
            self._size_wh = (picture.shape[1], picture.shape[0])
        if self._piece is None:
            self._piece = _Piece(self.path, self._fps, self._size_wh)
        if picture.shape[1::-1] != self._size_wh:  # VideoWriter drops such a frame without a word
            picture = letterbox(picture, self._size_wh)[0]
        self._piece.write(picture)
        self._written_s = time.monotonic()
        return self._piece

    def close(self) -> None:
        try:
            if self._piece is not None:
                self._append()
        finally:
            with writing(self.path):
                self._video.close()

    def _append(self) -> None:
        """Put the piece into the file; what it holds is lost where that fails."""
        assert self._piece is not None
        piece, self._piece = self._piece, None
        waiting, self._in_piece = self._in_piece, 0
        try:
            with writing(self.path):
                self._video.append(piece.finished(), piece.frames)
        except CatseyeError:
            self.withdrawn += waiting
            raise
        if self._video.path != self.path:
            log.info("%s is there: this run writes %s", self.path, self._video.path)
            self.path = self._video.path


class _Piece:
    """A short video that OpenCV writes, in a file that has lost its name by then: nothing stays of
    it."""

    def __init__(self, path: str, fps: float, size_wh: Tuple[int, int]) -> None:
        self.frames, self._wanted = 0, max(1, round(PIECE_S * fps))
        self._begun_s = time.monotonic()
        with writing(path):
            self._descriptor, temporary = staged_file(path)
        with silenced_native_stderr():
            self._writer = cv2.VideoWriter(temporary, CODEC, fps, size_wh)
        os.unlink(temporary)
        if not self._writer.isOpened():
            os.close(self._descriptor)
            raise SinkError(
                "OpenCV cannot write %s as %dx%d %s" % ((path,) + size_wh + (FOURCC,)),
                "an OpenCV with FFmpeg or GStreamer",
                "see `catseye doctor`, or write to a folder",
            )

    @property
    def is_long(self) -> bool:
        """Whether it holds a second, or was begun that long ago."""
        return self.frames >= self._wanted or time.monotonic() - self._begun_s >= PIECE_S

    def write(self, picture: np.ndarray) -> None:
        self._writer.write(picture)
        self.frames += 1

    def finished(self) -> bytes:
        """The whole file; a second call is not allowed."""
        self._writer.release()
        with os.fdopen(self._descriptor, "rb") as stream:
            return stream.read()
