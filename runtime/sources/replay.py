"""`replay://LOG`: the frames of a recording, as they were: pictures, indices, times and names.
Never skips."""

import os
from typing import Iterator

from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.recording import LogReader
from catseye.runtime.sources.base import Source, plausible_fps


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
