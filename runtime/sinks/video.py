"""The .mp4 sink: annotated pictures as a video that can be played at every moment. Knows pieces of
it, and their times; not how they are encoded (encoding.py)."""

import logging
import os
import time
from typing import List, Optional

import numpy as np

from catseye.runtime.clock.moment import monotonic_ns
from catseye.runtime.errors import CatseyeError, SinkError
from catseye.runtime.frame import Frame
from catseye.runtime.sinks.base import LinedPicture, Sink, WriteReport
from catseye.runtime.sinks.encoding import ShortVideo, Way, chosen_way, short_video
from catseye.runtime.sinks.mp4 import FragmentedFile
from catseye.runtime.sinks.output_paths import check_new_file, check_space, writing
from catseye.runtime.sinks.picture_times import PictureTimes
from catseye.runtime.sinks.viewing import Viewing
from catseye.runtime.sources.faults import Notice
from catseye.runtime.system.opencv_build import check_opencv_takes
from catseye.runtime.tasks import Result
from catseye.runtime.tasks.letterbox import letterbox

PIECE_S = 1.0  # what a power cut or `kill -9` may cost

log = logging.getLogger("catseye")


class VideoSink(Sink):
    """Writes a second at a time; the file takes its name with the first one and can be played from
    then on.

    A video that was there before is kept: this one takes the next free name. The first frame gives
    the size; later frames of another size are fitted into it. While there is no camera the last
    picture stands still with the notice on it, so that no gap is silent; before the first frame
    there is none to show. Each picture is shown when it was captured, from the first one on; where
    nothing tells that, at the source's pace.
    """

    def __init__(
        self, path: str, fps: float, keeps_time: bool = False, viewing: Viewing = Viewing()
    ) -> None:
        """fps, keeps_time: the source's.  viewing: which pictures are wanted.  Raises SinkError
        where no file can be written at `path`, or another run writes there."""
        check_opencv_takes(path, SinkError)
        check_new_file(path)
        self.path, self._fps, self._viewing = path, fps, viewing
        self._folder = os.path.dirname(path) or "."
        self._video = FragmentedFile(path)
        self._way, self._times = (
            chosen_way(self._folder),
            PictureTimes(fps, keeps_time, viewing.fps),
        )
        if self._way == Way():
            log.info(
                "%s: MPEG-4 part 2, which browsers do not play; PyAV writes H.264 (catseye[video])",
                path,
            )
        else:
            log.info("%s: %s", path, self._way)
        self._piece: Optional[_Piece] = None
        self._size_wh = (0, 0)
        self._last: Optional[LinedPicture] = None
        self._written_s = 0.0
        self._in_piece = 0  # results taken that are not in the file yet

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        at_s = self._times.take(frame)
        if at_s is None:
            return
        self._last = None  # not held while the next is drawn
        self._last = report.lined_for(self._viewing)
        if self._add(self._last.picture, at_s):
            self._append()  # where it fails, this result is its caller's to count
        else:
            self._in_piece += 1

    def notice(self, notice: Notice) -> None:
        if self._last is None:
            return
        if time.monotonic() - self._written_s < 1 / self._fps:
            return
        at_s = self._times.take_at(monotonic_ns())
        if at_s is not None and self._add(self._last.with_line(notice.words), at_s):
            self._append()

    def _add(self, picture: np.ndarray, at_s: float) -> bool:
        """Write a (H, W, 3) uint8 BGR picture of any size into the piece that is being written;
        whether that is long enough now."""
        check_space(self._folder)
        if self._size_wh == (0, 0):
            self._size_wh = (picture.shape[1], picture.shape[0])
        if self._piece is None:
            video = short_video(self._way, self.path, self._fps, self._size_wh)
            self._piece = _Piece(video)
        if picture.shape[1::-1] != self._size_wh:  # VideoWriter drops such a frame without a word
            picture = letterbox(picture, self._size_wh)[0]
        self._piece.write(picture, at_s)
        self._written_s = time.monotonic()
        return self._piece.is_long(self._times.step_s)

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
                self._video.append(piece.finished(), piece.times_s, self._times.step_s)
        except CatseyeError:
            self.withdrawn += waiting
            raise
        if self._video.path != self.path:
            log.info("%s is there: this run writes %s", self.path, self._video.path)
            self.path = self._video.path


class _Piece:
    """About a second of the video, encoded by itself. times_s: when each of its pictures is
    shown."""

    def __init__(self, video: ShortVideo) -> None:
        self.times_s: List[float] = []
        self._video, self._begun_s = video, time.monotonic()

    def write(self, picture: np.ndarray, at_s: float) -> None:
        self._video.write(picture)
        self.times_s.append(at_s)

    def is_long(self, step_s: float) -> bool:
        """Whether it holds a second with a last picture of `step_s`, or was begun that long ago."""
        held_s = self.times_s[-1] + step_s / 2 - self.times_s[0] + step_s
        return held_s >= PIECE_S or time.monotonic() - self._begun_s >= PIECE_S

    def finished(self) -> bytes:
        """The whole file; a second call is not allowed."""
        return self._video.finished()
