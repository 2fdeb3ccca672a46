"""`replay://LOG`: the frames of a recording, as they were: pictures, indices, times and names.
Never skips.

Knows whose recording it is: our own here, another program's in image_log.py. An option stands
behind the last `?`, unless a file of the whole name is there.
"""

import os
from typing import Iterator

from catseye.runtime.errors import CatseyeError, ModelFileError
from catseye.runtime.frame import Frame
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

BAG, MCAP = "metadata.yaml", ".mcap"  # what stands in the folder of a ROS 2 bag
EXAMPLE = "replay://drive.mcap?topic=/camera/front/compressed"


def open_replay(rest: str, description: str) -> Source:
    """`rest`: a path, and a topic. Raises ModelFileError where it holds no frames that are
    read, CatseyeError for a topic of a log of our own."""
    if not rest:
        raise CatseyeError("no log named", "its path, such as " + EXAMPLE)
    path, mark, text = rest.rpartition("?")
    options: Values = {}
    if mark and not os.path.exists(rest) and looks_like_options(text):
        options = read_options(text, OPTIONS, EXAMPLE)
    else:
        path = rest
    if is_bag(path):
        path = _recording_in_bag(path)
    if is_recording(path) and not is_catseye_log(path):
        return ImageLogSource(path, options.get("topic", ""), description)
    if options and is_recording(path):
        raise CatseyeError("a topic of a log of our own", "none: it has one camera", "leave it out")
    return ReplaySource(path, description)


def is_bag(path: str) -> bool:
    """Whether this is a folder that `ros2 bag record` made."""
    names = os.listdir(path) if os.path.isdir(path) else []
    return BAG in names and any(name.endswith((MCAP, ".db3")) for name in names)


def _recording_in_bag(folder: str) -> str:
    """The one MCAP file in it; raises ModelFileError where there is another number of them."""
    names = sorted(name for name in os.listdir(folder) if name.endswith(MCAP))
    if len(names) != 1:
        raise ModelFileError(
            "%s is a ROS 2 bag with %d .mcap files" % (folder, len(names)),
            "one",
            "name one of them" if names else "let `ros2 bag convert` write it as MCAP",
        )
    return os.path.join(folder, names[0])


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
            yield entry.frame._replace(replayed=True)

    def overwritten_by(self, path: str) -> bool:
        # it would take another name, but who names what is replayed means something else
        return os.path.realpath(path) == os.path.realpath(self._path)


OPTIONS: Options = {"topic": ("topic", filled, "the name of a topic")}
