"""`replay://LOG`: the frames of a recording, as they were: pictures, indices, times and names.
Never skips.

Knows whose recording it is: our own here, another program's in image_log.py. An option stands
behind the last `?`, unless a file of the whole name is there.
"""

import os
from typing import Iterator

from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.recording import LogReader
from catseye.runtime.recording.log import is_catseye_log
from catseye.runtime.recording.mcap import is_recording
from catseye.runtime.sources.base import Source, plausible_fps
from catseye.runtime.sources.image_log import ImageLogSource
from catseye.runtime.system.option_values import (
    Options,
    Values,
    filled,
    looks_like_options,
    read_options,
)

EXAMPLE = "replay://drive.mcap?topic=/camera/front/compressed"


def open_replay(rest: str, description: str) -> Source:
    """`rest`: a path, and a topic. Raises ModelFileError where it holds no frames that are
    read, CatseyeError for a topic of a log of our own."""
    path, mark, text = rest.rpartition("?")
    options: Values = {}
    if mark and not os.path.exists(rest) and looks_like_options(text):
        options = read_options(text, OPTIONS, EXAMPLE)
    else:
        path = rest
    if is_recording(path) and not is_catseye_log(path):
        return ImageLogSource(path, options.get("topic", ""), description)
    if options:
        raise CatseyeError("a topic of a log of our own", "none: it has one camera", "leave it out")
    return ReplaySource(path, description)


class ReplaySource(Source):
    """A log, whole or cut short. A frame's age counts from the moment it was read, as for every
    file."""

    repeats_itself = True  # it may be of a stream

    def __init__(self, path: str, description: str) -> None:
        """Raises ModelFileError where `path` is no recording of ours."""
        self.description, self._path = description, path
        self._reader = LogReader(path)
        self.fps = plausible_fps(self._reader.recorded_by.fps or 0.0)

    def __iter__(self) -> Iterator[Frame]:
        for entry in self._reader:
            yield entry.frame._replace(read_ns=now_ns())

    def overwritten_by(self, path: str) -> bool:
        # it would take another name, but who names what is replayed means something else
        return os.path.realpath(path) == os.path.realpath(self._path)


OPTIONS: Options = {"topic": ("topic", filled, "the name of a topic")}
