"""Short videos, each a complete MP4 in memory, which the .mp4 sink joins: H.264 by a board's
encoder, PyAV or GStreamer, whichever is here first, else MPEG-4 part 2 by OpenCV, which no browser
plays.

Knows the ways; not when a picture is shown, nor where the video goes.
"""

import fractions
import io
import logging
import os
from abc import ABC, abstractmethod
from typing import NamedTuple, Optional, Tuple

import cv2
import numpy as np

from catseye.runtime.coding.gstreamer import Encoder, encoders, mp4_pipeline
from catseye.runtime.coding.h264 import H264, Av, Planes, h264_encoder, set_up, x264_options
from catseye.runtime.errors import CatseyeError, SinkError
from catseye.runtime.sinks.mp4 import piece_from_mp4
from catseye.runtime.sinks.output_paths import writing
from catseye.runtime.system.native_stderr import silenced_native_stderr
from catseye.runtime.system.staging import staged_file

FOURCC = "mp4v"
# the one codec that every OpenCV with FFmpeg writes into mp4
CODEC = int.from_bytes(FOURCC.encode(), "little")
TICKS = 90000  # in a second
SMALLEST = 16  # side that GStreamer's x264enc and openh264enc take
TRIED, TRIED_WH = 3, (320, 240)  # pictures that an encoder has to prove itself with

log = logging.getLogger("catseye")


class ShortVideo(ABC):
    """Pictures of one size, encoded one by one, the first of them by itself."""

    def __init__(self, size_wh: Tuple[int, int]) -> None:
        """size_wh: one that the encoder takes."""
        self._width, self._height = size_wh

    def write(self, picture: np.ndarray) -> None:
        """Add a (H, W, 3) uint8 BGR picture. What is beyond the video's size, a row or a few
        columns, is cut off; of one that is smaller than any encoder takes the last row and column
        are repeated."""
        self._encode(trimmed(picture, (self._width, self._height)))

    @abstractmethod
    def _encode(self, picture: np.ndarray) -> None:
        """The same of the video's size."""

    @abstractmethod
    def finished(self) -> bytes:
        """The whole file; a second call is not allowed."""


class Way(NamedTuple):
    """How videos are encoded. av: PyAV.  encoder: of GStreamer.  None, both: MPEG-4 part 2."""

    av: Optional[Av] = None
    encoder: Optional[Encoder] = None

    def __str__(self) -> str:
        if self.encoder is not None:
            return "H.264 by " + self.encoder.element
        return "MPEG-4 part 2" if self.av is None else "H.264 by PyAV"


def chosen_way(folder: str) -> Way:
    """The best that works here, tried in `folder` where it is GStreamer's."""
    av = h264_encoder()
    for hardware in (True, False):
        if not hardware and av is not None:
            return Way(av)
        for encoder in encoders(hardware):
            if _works(encoder, folder):
                return Way(None, encoder)
    return Way()


def short_video(way: Way, path: str, fps: float, size_wh: Tuple[int, int]) -> ShortVideo:
    """Begin one of pictures that are about of this size. path: of the video that it is to be a part
    of.  Raises SinkError where nothing encodes them."""
    width, height = size_wh
    if way.encoder is not None:
        return _GStreamerVideo(way.encoder, path, fps, gstreamer_wh(size_wh))
    if way.av is not None:  # H.264 takes even sizes only
        return _AvVideo(way.av, fps, (max(2, width // 2 * 2), max(2, height // 2 * 2)))
    return _OpenCvVideo(path, fps, (max(2, width), max(2, height)))


def gstreamer_wh(size_wh: Tuple[int, int]) -> Tuple[int, int]:
    """The size at which GStreamer is given pictures of this one: OpenCV hands it rows without their
    padding, so other widths come out black."""
    width, height = size_wh
    return max(SMALLEST, width // 4 * 4), max(SMALLEST, height // 2 * 2)


def trimmed(picture: np.ndarray, size_wh: Tuple[int, int]) -> np.ndarray:
    """A (H, W, 3) picture without what is beyond this size, its last row and column repeated up to
    it."""
    picture = picture[: size_wh[1], : size_wh[0]]
    height, width = picture.shape[:2]
    if (width, height) == size_wh:
        return picture
    below, right = size_wh[1] - height, size_wh[0] - width
    return cv2.copyMakeBorder(picture, 0, below, 0, right, cv2.BORDER_REPLICATE)


def _works(encoder: Encoder, folder: str) -> bool:
    """Whether it makes a whole video of three pictures."""
    try:
        video = _GStreamerVideo(encoder, os.path.join(folder, "tried.mp4"), 25.0, TRIED_WH)
        for _ in range(TRIED):
            video.write(np.zeros((TRIED_WH[1], TRIED_WH[0], 3), np.uint8))
        return len(piece_from_mp4(video.finished()).samples) == TRIED
    except CatseyeError as error:
        log.info("%s does not encode here: %s", encoder.element, error)
        return False


class _AvVideo(ShortVideo):
    """H.264, in memory."""

    def __init__(self, av: Av, fps: float, size_wh: Tuple[int, int]) -> None:
        super().__init__(size_wh)
        self._fps, self._frames = fps, 0
        self._file = io.BytesIO()
        self._container = av.open(self._file, "w", format="mp4")
        rate = fractions.Fraction(fps).limit_denominator(1000) or fractions.Fraction(1, 1000)
        self._stream = self._container.add_stream(H264, rate=rate, options=x264_options())
        time_base = fractions.Fraction(1, TICKS)
        set_up(self._stream.codec_context, size_wh, time_base)
        self._planes = Planes(av, size_wh, time_base)

    def _encode(self, picture: np.ndarray) -> None:
        self._planes.fill(picture)
        self._planes.frame.pts = round(self._frames * TICKS / self._fps)
        self._container.mux(self._stream.encode(self._planes.frame))
        self._frames += 1

    def finished(self) -> bytes:
        self._container.mux(self._stream.encode(None))
        self._container.close()
        return self._file.getvalue()


class _OpenCvVideo(ShortVideo):
    """In a file that has lost its name by then: nothing stays of it."""

    def __init__(self, path: str, fps: float, size_wh: Tuple[int, int]) -> None:
        super().__init__(size_wh)
        with writing(path):
            self._descriptor, temporary = staged_file(path)
        with silenced_native_stderr():
            self._writer = self._opened(temporary, fps, size_wh)
        os.unlink(temporary)
        if not self._writer.isOpened():
            os.close(self._descriptor)
            raise SinkError(
                "OpenCV cannot write %s as %dx%d %s" % ((path,) + size_wh + (FOURCC,)),
                "an OpenCV with FFmpeg or GStreamer",
                "see `catseye doctor`, or write to a folder",
            )

    def _opened(self, path: str, fps: float, size_wh: Tuple[int, int]) -> "cv2.VideoWriter":
        return cv2.VideoWriter(path, CODEC, fps, size_wh)

    def _encode(self, picture: np.ndarray) -> None:
        self._writer.write(np.ascontiguousarray(picture))

    def finished(self) -> bytes:
        self._writer.release()
        with os.fdopen(self._descriptor, "rb") as stream:
            return stream.read()


class _GStreamerVideo(_OpenCvVideo):
    """The same through a pipeline."""

    def __init__(self, encoder: Encoder, path: str, fps: float, size_wh: Tuple[int, int]) -> None:
        self._encoder = encoder
        super().__init__(path, fps, size_wh)

    def _opened(self, path: str, fps: float, size_wh: Tuple[int, int]) -> "cv2.VideoWriter":
        pipeline = mp4_pipeline(path, self._encoder, fps, size_wh)
        return cv2.VideoWriter(pipeline, cv2.CAP_GSTREAMER, 0, fps, size_wh)

    def finished(self) -> bytes:
        with silenced_native_stderr():
            return super().finished()
