"""From the light to the answer: what a camera's pictures are old when they come, and when the model
has answered.

Knows frames, their times and the light; not who shows it.
"""

import threading
import time
from typing import Callable, Dict, List, NamedTuple, Optional, Set, Tuple

from catseye.runtime.clock.moment import CAPTURED
from catseye.runtime.frame import Frame
from catseye.runtime.latency.finding import Found, Frames
from catseye.runtime.sources import Source
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.timing import percentiles

SETTLING_S = 1.0  # at first: a camera finds its exposure, an engine its pace

Answer = Callable[[Frame], object]


class Latency(NamedTuple):
    """What was found, in milliseconds.

    clock: what the camera's ages count from.  error_ms: how much older pictures are than their time
    says: what --camera-delay is to be where that is their arrival.  frame_ms, answer_ms: p50, p95,
    p99 from the light to the frame in hand, and to the model's answer, None without one.  step_ms:
    between two frames: the light is known no better than that.
    """

    clock: str
    error_ms: float
    frame_ms: Dict[str, float]
    answer_ms: Optional[Dict[str, float]]
    step_ms: float
    frames: int
    correlation: float
    box: Tuple[int, int, int, int]

    @property
    def camera_delay_ms(self) -> Optional[float]:
        """For --camera-delay; None where the camera tells its time itself."""
        return None if self.clock == CAPTURED else max(0.0, round(self.error_ms, 1))

    def as_json(self) -> JsonObject:
        return dict(self._asdict(), box=list(self.box), camera_delay_ms=self.camera_delay_ms)


class Watcher(threading.Thread):
    """Looks at the source for so many seconds in a thread, while the light blinks in another."""

    def __init__(self, source: Source, seconds: float, answer: Optional[Answer]) -> None:
        super().__init__(name="latency", daemon=True)
        self._source, self._seconds, self._answer = source, seconds, answer
        self._frames = Frames()
        self._clocks: Set[str] = set()
        self._taken_s: List[float] = []
        self._answered_s: List[float] = []
        self.error: Optional[BaseException] = None

    def run(self) -> None:
        try:
            self._watch()
        except BaseException as error:  # raised again by `latency`
            self.error = error

    def _watch(self) -> None:
        begun_s = time.monotonic()
        for frame in self._source:
            taken_s = time.monotonic()
            if self._answer is not None:
                self._answer(frame)
            if taken_s - begun_s > SETTLING_S + self._seconds:
                return
            if taken_s - begun_s > SETTLING_S:
                since_s = taken_s if frame.since_ns is None else frame.since_ns / 1e9
                self._frames.add(frame.image, since_s)
                self._clocks.add(frame.clock)
                self._taken_s.append(taken_s)
                self._answered_s.append(time.monotonic())

    def latency(self) -> Latency:
        """What it came to. Raises what the source raised, and CatseyeError where no light was
        seen."""
        if self.error is not None:
            raise self.error
        found: Found = self._frames.find()
        times_s = self._frames.times_s
        until_ms = [
            [(at_s - since_s + found.delay_s) * 1e3 for at_s, since_s in zip(moments, times_s)]
            for moments in (self._taken_s, self._answered_s)
        ]
        return Latency(
            clock=min(self._clocks),  # arrived, where any frame's is
            error_ms=round(found.delay_s * 1e3, 1),
            frame_ms=percentiles(until_ms[0]),
            answer_ms=percentiles(until_ms[1]) if self._answer is not None else None,
            step_ms=round((times_s[-1] - times_s[0]) * 1e3 / max(1, len(times_s) - 1), 2),
            frames=len(times_s),
            correlation=round(found.correlation, 3),
            box=found.box,
        )
