"""Short videos, each a complete MP4 in memory, which the .mp4 sink joins: H.264 by PyAV where that
is installed, else MPEG-4 part 2 by OpenCV, which no browser plays.

Knows the two ways; not when a picture is shown, nor where the video goes.
"""

import fractions
import io
import os
from abc import ABC, abstractmethod
from typing import Optional, Tuple

import cv2
import numpy as np

from catseye.runtime.coding.h264 import H264, Av, Planes, set_up, x264_options
from catseye.runtime.errors import SinkError
from catseye.runtime.sinks.output_paths import writing
from catseye.runtime.system.native_stderr import silenced_native_stderr
from catseye.runtime.system.staging import staged_file

FOURCC = "mp4v"
# the one codec that every OpenCV with FFmpeg writes into mp4
CODEC = int.from_bytes(FOURCC.encode(), "little")
TICKS = 90000  # in a second


class ShortVideo(ABC):
    """Pictures of one size, encoded one by one, the first of them by itself."""

    @abstractmethod
    def write(self, picture: np.ndarray) -> None:
        """Add a (H, W, 3) uint8 BGR picture of the video's size."""

    @abstractmethod
    def finished(self) -> bytes:
        """The whole file; a second call is not allowed."""


def short_video(av: Optional[Av], path: str, fps: float, size_wh: Tuple[int, int]) -> ShortVideo:
    """Begin one. av: what `h264_encoder` gave.  path: of the video that it is to be a part of.
    Raises SinkError where nothing encodes pictures of this size."""
    even_wh = size_wh[0] // 2 * 2, size_wh[1] // 2 * 2
    if av is not None and min(even_wh) > 0:
        return _AvVideo(av, fps, even_wh)
    return _OpenCvVideo(path, fps, size_wh)


class _AvVideo(ShortVideo):
    """H.264 takes even sizes only: an odd picture loses its last row or column."""

    def __init__(self, av: Av, fps: float, size_wh: Tuple[int, int]) -> None:
        self._fps, self._frames = fps, 0
        self._width, self._height = size_wh
        self._file = io.BytesIO()
        self._container = av.open(self._file, "w", format="mp4")
        rate = fractions.Fraction(fps).limit_denominator(1000) or fractions.Fraction(1, 1000)
        self._stream = self._container.add_stream(H264, rate=rate, options=x264_options())
        time_base = fractions.Fraction(1, TICKS)
        set_up(self._stream.codec_context, size_wh, time_base)
        self._planes = Planes(av, size_wh, time_base)

    def write(self, picture: np.ndarray) -> None:
        self._planes.fill(picture[: self._height, : self._width])
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

    def write(self, picture: np.ndarray) -> None:
        self._writer.write(picture)

    def finished(self) -> bytes:
        self._writer.release()
        with os.fdopen(self._descriptor, "rb") as stream:
            return stream.read()
