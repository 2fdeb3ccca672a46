"""When each picture of a video is shown: as far from the one before as they were captured.

Knows capture times and a nominal pace; not how a video is encoded. A wall clock may be set while a
video is written: a step back is the shortest step, and one that no outage can have is cut.
"""

from typing import Optional

from catseye.runtime.frame import Frame

SHORTEST_S = 0.001
# between two pictures: longer than a camera may hang before it is given up
LONGEST_STILL_S = 15.0


class PictureTimes:
    """Told of every picture of one video in turn.

    now_s: when the newest is shown, from the first one on.  step_s: how long after the one before;
    the pace's for the first.
    """

    def __init__(self, fps: float, keeps_time: bool) -> None:
        """fps: the pace where nothing tells.  keeps_time: whether the frames' time stamps are a
        capture's."""
        self.now_s, self.step_s = 0.0, 1 / fps
        self._pace_s, self._keeps_time = 1 / fps, keeps_time
        self._last_ns: Optional[int] = None
        self._is_begun = False

    def take(self, frame: Frame) -> float:
        """The time at which this frame is shown, in seconds."""
        if frame.media_time_ns is not None:
            return self._next(frame.media_time_ns, longest_s=float("inf"))
        is_capture = self._keeps_time or frame.read_ns > 0
        return self.take_at(frame.timestamp_ns if is_capture else None)

    def take_at(self, time_ns: Optional[int]) -> float:
        """The same for a picture of this wall-clock time; None: the pace's."""
        return self._next(time_ns, LONGEST_STILL_S)

    def _next(self, time_ns: Optional[int], longest_s: float) -> float:
        if self._is_begun:
            known = time_ns is not None and self._last_ns is not None
            step_s = (time_ns - self._last_ns) / 1e9 if known else self._pace_s  # type: ignore[operator]
            self.step_s = min(max(step_s, SHORTEST_S), longest_s)
            self.now_s += self.step_s
        self._is_begun, self._last_ns = True, time_ns
        return self.now_s
