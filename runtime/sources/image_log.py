"""`replay://` of an MCAP file that another program wrote: the pictures of one of its topics. Never
skips. Knows pictures and times; runtime/recording/image_log.py knows the file."""

import logging
import os
from itertools import islice
from typing import Iterator

import numpy as np

from catseye.runtime.errors import SourceError
from catseye.runtime.frame import Frame
from catseye.runtime.picture_files.base import NotTaken
from catseye.runtime.picture_files.reading import image_from_bytes
from catseye.runtime.recording.image_log import ImageLog
from catseye.runtime.sources.base import Source, plausible_fps
from catseye.runtime.sources.live.camera import UNDECODED

COUNTED = 30  # pictures by whose times the rate is told

log = logging.getLogger("catseye")


class ImageLogSource(Source):
    """JPEGs and PNGs. A frame's index counts the topic's messages; its timestamp is that of the
    message, its age counts from the moment it was read, as for every file."""

    repeats_itself = True

    def __init__(self, path: str, topic: str, description: str) -> None:
        """Raises ModelFileError where `path` has no such topic, or no pictures that are read."""
        self.description, self._path = description, path
        self._log = ImageLog(path, topic)
        stamps = [message.stamp_ns for message in islice(self._log, COUNTED)]
        lasted_s = (max(stamps) - min(stamps)) / 1e9 if stamps else 0.0
        self.fps = plausible_fps((len(stamps) - 1) / lasted_s if lasted_s > 0 else 0.0)

    def __iter__(self) -> Iterator[Frame]:
        """Raises SourceError where not one picture can be read."""
        index, bad = -1, 0
        for index, message in enumerate(self._log):
            image = image_of_message(message.data)
            bad += not image.size
            if image.size:
                yield Frame(image, index, message.stamp_ns, replayed=True)
        if bad == index + 1:
            raise SourceError(
                "no readable picture in %s of %s" % (self._log.topic, self._path),
                "JPEGs or PNGs",
                "choose another topic",
            )
        if bad:
            log.warning("%s: pictures left out: %d of %d", self._path, bad, index + 1)

    def overwritten_by(self, path: str) -> bool:
        return os.path.realpath(path) == os.path.realpath(self._path)


def image_of_message(data: bytes) -> np.ndarray:
    """(H, W, 3) uint8 BGR, as files are read; UNDECODED, which is empty, for a torn picture and for
    all else."""
    try:
        return image_from_bytes(data)
    except NotTaken:
        return UNDECODED
