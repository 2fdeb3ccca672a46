"""What can be wrong with a camera, how long it is borne, and what the sinks are told meanwhile.

Knows words and numbers only; frame_check.py looks at pictures, watch.py at the clock.
"""

import time
from typing import Dict, NamedTuple

from catseye.runtime.errors import SourceError

LOST = "lost"  # it ended, failed, or does not open
STALLED = "stalled"  # no answer in time: a read or an opening that hangs
KEY_FRAME = "key_frame"  # data come, of which no picture can be made before a key frame
FROZEN = "frozen"  # the same picture, byte for byte, again and again
BLACK = "black"  # nothing at all in the picture, not even a sensor's noise
TRUNCATED = "truncated"  # a picture that cannot be decoded, or ends in the grey of missing data
SIZE = "size"  # another size than before
FAULTS = (LOST, STALLED, KEY_FRAME, FROZEN, BLACK, TRUNCATED, SIZE)


class CameraFault(SourceError):
    """A fault that opening the camera again may fix; `fault` is one of FAULTS.  reason: why the
    camera does not open, "" where it did or nobody said."""

    def __init__(
        self, fault: str, found: str, expected: str = "", fix: str = "", reason: str = ""
    ) -> None:
        super().__init__(found, expected, fix)
        self.fault, self.reason = fault, reason


class Limits(NamedTuple):
    """Seconds that a fault is borne before the camera is opened again; 0 for freeze and black: such
    pictures are no fault.

    open_s: until it has opened.  read_s: without a whole picture.  freeze_s, black_s: of such
    pictures.
    """

    open_s: float = 10.0
    read_s: float = 5.0
    freeze_s: float = 2.0
    black_s: float = 5.0


# a codec writes only what changes and leaves the noise out: a still scene repeats itself byte for
# byte, and a dark one is black
OF_STREAMS = Limits(freeze_s=0.0, black_s=0.0)


class Notice(NamedTuple):
    """There is no camera. fault: one of FAULTS. since_ns: wall clock of its last good picture, or
    of the start.  faults: how often each of them has come, this one counted, where that is known.
    reason: why it does not open, "" where nobody said.  camera: its name, "" for a lone one
    without."""

    fault: str
    since_ns: int
    faults: Dict[str, int] = {}
    reason: str = ""
    camera: str = ""

    @property
    def words(self) -> str:
        """One line for a picture: `no camera since 14:03:07 (lost)`, local time."""
        fault = "waiting for a key frame" if self.fault == KEY_FRAME else self.fault
        return "no camera since %s (%s%s)" % (
            time.strftime("%H:%M:%S", time.localtime(self.since_ns / 1e9)),
            fault,
            self.reason and ": " + self.reason,
        )
