"""Frames without labels: the pictures of a folder, or frames of a video. Their masks are void, and
a teacher says what is in them.

Knows files and sources of frames; not who teaches.
"""

import os
from typing import NamedTuple

import numpy as np

from catseye.runtime.classes import VOID
from catseye.runtime.datasets.road_frames import pictures_in
from catseye.runtime.errors import CatseyeError
from catseye.runtime.picture_files.reading import image_from_file
from catseye.runtime.sources import open_source
from catseye.training.frames import Example, fitted

APART_S = 0.5  # between two frames of a video that are used: neighbours look alike
MOST_OF_A_VIDEO = 400  # frames, the first ones


class UnlabelledPicture(NamedTuple):
    """A picture file, read when asked."""

    path: str
    sequence: str

    @property
    def name(self) -> str:
        return self.path

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        """(H, W, 3) uint8 BGR and (H, W) uint8, all VOID. Raises SourceError where it cannot be
        read."""
        return _unknown(image_from_file(self.path))


class VideoFrame(NamedTuple):
    """A frame of a video, decoded already; `image` is not to be changed."""

    name: str
    sequence: str
    image: np.ndarray

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        """(H, W, 3) uint8 BGR and (H, W) uint8, all VOID."""
        return _unknown(self.image)


def unlabelled_frames(path: str, box_wh: tuple[int, int]) -> list[Example]:
    """The pictures of a folder, or a video's frames every APART_S, at most MOST_OF_A_VIDEO, shrunk
    into `box_wh`.

    Raises CatseyeError where there is no picture, and SourceError where no video can be decoded.
    """
    sequence = os.path.basename(os.path.abspath(path))
    if not os.path.isdir(path):
        return _video_frames(path, sequence, box_wh)
    names = pictures_in(path)
    if not names:
        raise CatseyeError(
            f"no pictures in {path}", ".png or .jpg files", "name another --unlabelled"
        )
    return [UnlabelledPicture(os.path.join(path, name), sequence) for name in names]


def _video_frames(path: str, sequence: str, box_wh: tuple[int, int]) -> list[Example]:
    if not os.path.isfile(path):
        raise CatseyeError(f"no {path!r}", "--unlabelled DIR or VIDEO", "check the path")
    found: list[Example] = []
    with open_source(path) as source:
        step = max(1, round(source.fps * APART_S))
        for frame in source:
            if frame.index % step == 0:
                image = fitted(frame.image, box_wh)
                found.append(VideoFrame(f"{path}#{frame.index}", sequence, image))
            if len(found) == MOST_OF_A_VIDEO:
                break
    return found


def _unknown(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return image, np.full(image.shape[:2], VOID, np.uint8)
