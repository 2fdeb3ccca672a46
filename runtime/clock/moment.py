"""When a picture was taken: on the clock that nobody sets, from which its age counts, and on the
wall, for people and files.

Knows the two clocks and which stamps may be believed; not where a stamp comes from.
"""

import time
from typing import NamedTuple

# what an age counts from: the camera's own time of the picture, or when it reached us
CAPTURED, ARRIVED = "captured", "arrived"
LONGEST_UNDER_WAY_S = 60.0  # an older stamp is of another clock
# a camera's wall clock may be ahead of ours by as much as that; its pictures then are as old as
# their arrival
AHEAD_S = 0.1


class Moment(NamedTuple):
    """wall_ns: nanoseconds since 1970.  monotonic_ns: of time.monotonic, which is never set.
    clock: CAPTURED or ARRIVED."""

    wall_ns: int
    monotonic_ns: int
    clock: str = ARRIVED

    def captured_before(self, under_way_ns: int) -> "Moment":
        """Of a picture that reached us at this moment and says that it had been under way for so
        long; this moment, where that cannot be."""
        if not -AHEAD_S <= under_way_ns / 1e9 <= LONGEST_UNDER_WAY_S:
            return self
        ago_ns = max(0, under_way_ns)
        return Moment(self.wall_ns - ago_ns, self.monotonic_ns - ago_ns, CAPTURED)


def monotonic_ns() -> int:
    """Of the clock that is never set (`time.monotonic_ns` came with Python 3.7)."""
    return int(time.monotonic() * 1e9)


def now() -> Moment:
    """This moment, as that of an arrival."""
    return Moment(int(time.time() * 1e9), monotonic_ns())
