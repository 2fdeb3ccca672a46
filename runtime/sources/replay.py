"""`replay://LOG`: the frames of one camera of a recording, as they were: pictures, indices, times
and names. Never skips.

Knows whose recording it is: our own here, another program's in image_log.py. An option stands
behind the last `?`, unless a file of the whole name is there.
"""

import logging
import os
from typing import Iterator, Tuple

from catseye.runtime.errors import CatseyeError, ModelFileError
from catseye.runtime.frame import Frame
from catseye.runtime.recording.camera_models import models_in
from catseye.runtime.recording.log import LogReader, is_catseye_log
from catseye.runtime.recording.mcap import is_recording
from catseye.runtime.recording.picture import LOSSLESS
from catseye.runtime.sources.base import Source, plausible_fps
from catseye.runtime.sources.image_log import ImageLogSource
from catseye.runtime.system.option_values import (
    Options,
    Values,
    filled,
    looks_like_options,
    read_options,
)

log = logging.getLogger("catseye")

BAG, MCAP = "metadata.yaml", ".mcap"  # what stands in the folder of a ROS 2 bag
SCHEME = "replay://"
EXAMPLE = "replay://drive.mcap?topic=/camera/front/compressed"


def open_replay(rest: str, description: str) -> Source:
    """`rest`: a path, and a topic or a camera. Raises ModelFileError where it holds no frames that
    are read, CatseyeError where its camera is to be chosen otherwise."""
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
    foreign = is_recording(path) and not is_catseye_log(path)
    wrong = "camera" if foreign else "topic"
    if wrong in options and is_recording(path):
        raise CatseyeError(
            "a %s of %s" % (wrong, path),
            "?topic=... of another program's recording, ?camera=... of one of our own",
        )
    if foreign:
        return ImageLogSource(path, options.get("topic", ""), description)
    return ReplaySource(path, description, options.get("camera", ""))


def cameras_in(address: str) -> Tuple[str, ...]:
    """The names of the cameras of a recording of our own at this address of a source; () for all
    else, and where the address names one. Raises ModelFileError where it is damaged."""
    rest = address[len(SCHEME) :] if address.startswith(SCHEME) else address
    if not is_recording(rest) or not is_catseye_log(rest):  # an option makes it no file
        return ()
    return tuple(name for name in LogReader(rest).recorded_by.cameras if name)


def address_of_camera(address: str, camera: str) -> str:
    """The address of one camera of the recording at `address`."""
    return "%s%s?camera=%s" % ("" if address.startswith(SCHEME) else SCHEME, address, camera)


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

    def __init__(self, path: str, description: str, camera: str = "") -> None:
        """camera: "" for the only one. Raises ModelFileError where `path` is no recording of ours,
        or has another number of cameras or none of that name."""
        self.description, self._path = description, path
        self._reader = LogReader(path)
        self._camera = _chosen(camera, self._reader.recorded_by.cameras, path)
        self.fps = plausible_fps(self._reader.recorded_by.fps or 0.0)
        codec = self._reader.recorded_by.codec
        if codec != LOSSLESS:
            log.info("%s: its frames are %s, which loses something", path, codec)
        self.camera_model = models_in(self._reader.metadata, path).get(self._camera)

    def __iter__(self) -> Iterator[Frame]:
        for entry in self._reader.frames_of((self._camera,)):
            yield entry.frame._replace(replayed=True, camera="")  # which the run gives anew

    def overwritten_by(self, path: str) -> bool:
        # it would take another name, but who names what is replayed means something else
        return os.path.realpath(path) == os.path.realpath(self._path)


def _chosen(wanted: str, cameras: Tuple[str, ...], path: str) -> str:
    """The camera whose frames are meant."""
    if wanted in cameras or (len(cameras) == 1 and not wanted):
        return wanted or cameras[0]
    if not wanted:
        raise ModelFileError(
            "%d cameras in %s: %s" % (len(cameras), path, ", ".join(cameras)),
            "one",
            "choose by " + address_of_camera(path, cameras[0]),
        )
    named = ", ".join(name or "a lone one without a name" for name in cameras)
    raise ModelFileError("%s has no camera %s" % (path, wanted), "one of its own: " + named)


OPTIONS: Options = {
    "topic": ("topic", filled, "the name of a topic"),
    "camera": ("camera", filled, "the name of a camera"),
}
