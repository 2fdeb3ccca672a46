"""Frame: one picture and when it was taken. Everything between a Source and a Sink passes it on
unchanged."""

import time
from typing import NamedTuple, Optional

import numpy as np

from catseye.runtime.clock.moment import ARRIVED, Moment


def now_ns() -> int:
    """Wall-clock time in nanoseconds (`time.time_ns` came with Python 3.7)."""
    return int(time.time() * 1e9)


class Frame(NamedTuple):
    """One camera picture.

    image: (H, W, 3) uint8, BGR.  index: position in the source, counting skipped frames, from 0.
    timestamp_ns: when it was captured, wall clock.  name: stem of the file it came from, "" for a
    stream.
    media_time_ns: of a video file, when in the film it is shown; None for all others.
    camera: the name of its camera, "" for a lone one without.
    since_ns: what its age counts from, on the clock that is never set (time.monotonic): its capture
    or arrival at a camera's, its reading from a file; None: when the loop takes it.  clock:
    `captured` where that is the camera's own time of the picture, else `arrived`.  replayed:
    whether index and timestamp are those of a recording.
    """

    image: np.ndarray
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody asks of a frame
    timestamp_ns: int
    name: str = ""
    media_time_ns: Optional[int] = None
    since_ns: Optional[int] = None
    clock: str = ARRIVED
    replayed: bool = False
    camera: str = ""

    @property
    def file_stem(self) -> str:
        """What a file of this frame is called: its name, else its index in six digits; behind the
        name of its camera, where that has one."""
        stem = self.name or "%06d" % self.index
        return self.camera + "-" + stem if self.camera else stem


def frame_at(taken: Moment, image: np.ndarray, index: int) -> Frame:
    """A camera's picture of that moment."""
    since_ns, clock = taken.monotonic_ns, taken.clock
    return Frame(image, index, taken.wall_ns, since_ns=since_ns, clock=clock)
