"""When each picture of a video is shown: as far from the one before as they were captured.

Knows capture times and a nominal pace; not how a video is encoded. The wall clock may have been set
while a replayed recording was made: a step back is the shortest step, and one that no outage can
have is cut.
"""

from typing import Optional

from catseye.runtime.frame import Frame

SHORTEST_S = 0.001
EARLY = 0.95  # of a step that a picture may come after: cameras do not keep their pace exactly
# between two pictures: longer than a camera may hang before it is given up
LONGEST_STILL_S = 15.0


class PictureTimes:
    """Told of every picture of one video in turn.

    now_s: when the newest is shown, from the first one on.  step_s: how long after the one before;
    the pace's for the first.
    """

    def __init__(self, fps: float, keeps_time: bool, most_fps: Optional[float] = None) -> None:
        """fps: the pace where nothing tells.  keeps_time: whether the frames' time stamps are a
        capture's.  most_fps: pictures a second at most; None: all of them."""
        self.now_s, self.step_s = 0.0, 1 / fps
        self._pace_s, self._keeps_time = 1 / fps, keeps_time
        self._least_s = EARLY / most_fps if most_fps else 0.0
        self._passed = 0  # pictures without a time since the last that was taken
        self._last_ns: Optional[int] = None
        self._is_begun = False

    def take(self, frame: Frame) -> Optional[float]:
        """The time at which this frame is shown, in seconds; None where it is too soon for it."""
        if frame.media_time_ns is not None:
            return self._next(frame.media_time_ns, longest_s=float("inf"))
        if frame.replayed:
            return self.take_at(frame.timestamp_ns)
        return self.take_at(frame.since_ns if self._keeps_time else None)

    def take_at(self, time_ns: Optional[int]) -> Optional[float]:
        """The same for a picture of this time, on one clock with those before; None: the
        pace's."""
        return self._next(time_ns, LONGEST_STILL_S)

    def _next(self, time_ns: Optional[int], longest_s: float) -> Optional[float]:
        if self._is_begun:
            if time_ns is None or self._last_ns is None:
                step_s = (1 + self._passed) * self._pace_s
            else:
                step_s = (time_ns - self._last_ns) / 1e9
            step_s = min(max(step_s, SHORTEST_S), longest_s)
            if step_s < self._least_s:
                self._passed += 1
                return None
            self.step_s, self.now_s = step_s, self.now_s + step_s
        self._is_begun, self._last_ns, self._passed = True, time_ns, 0
        return self.now_s
