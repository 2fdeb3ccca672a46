"""MediaClock: when in its film a frame is shown, by the container's own time stamps as far as these
can be true.

OpenCV to 4.6 reports 0 for the last frames of a film with B frames, raw packets have no time at
all: time goes on there by the last step. Knows numbers only.
"""

NS_PER_MS = 1000000


class MediaClock:
    """Asked once for every frame, in the order in which they are shown."""

    def __init__(self, fps: float) -> None:
        """fps: the step in time where none is known."""
        self._step_ms = 1000 / fps
        self._last_ms = -self._step_ms
        self._base_ms = 0.0

    def next_ns(self, reported_ms: float) -> int:
        """The frame's time from the first one on, never less than the one before. reported_ms: what
        OpenCV says (CAP_PROP_POS_MSEC)."""
        step_ms = self._base_ms + reported_ms - self._last_ms
        if not 0 < step_ms < float("inf"):  # NaN too
            step_ms = self._step_ms
        self._step_ms, self._last_ms = step_ms, self._last_ms + step_ms
        return round(self._last_ms * NS_PER_MS)

    def begin_part(self) -> None:
        """What is reported from now on begins where the newest frame ends."""
        self._base_ms = self._last_ms + self._step_ms

    @property
    def end_s(self) -> float:
        """When the newest frame ends, in seconds from the first one on."""
        return (self._last_ms + self._step_ms) / 1000
