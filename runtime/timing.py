"""Stage timers: how long each step of the loop took, as percentiles over the newest frames.

Knows stage names and milliseconds; not what a stage does. Memory stays bounded however long the run.
"""

import time
from collections import deque
from contextlib import contextmanager
from typing import Deque, Dict, Iterable, Iterator, Sequence

from catseye.runtime.metrics import percentiles

STAGES = ("capture", "prepare", "infer", "parse", "write")
KEEP = 10000  # newest values kept per series: five minutes at 30 frames per second


class Series:
    """The newest `keep` values of one measurement, in milliseconds."""

    def __init__(self, keep: int = KEEP) -> None:
        self._values: Deque[float] = deque(maxlen=keep)

    def add(self, value_ms: float) -> None:
        self._values.append(value_ms)

    @property
    def newest(self) -> float:
        """The value added last, 0 where there is none."""
        return self._values[-1] if self._values else 0.0

    def percentiles(self) -> Dict[str, float]:
        """p50, p95 and p99 of what is kept; zeros where nothing is."""
        return percentiles(list(self._values))


class StageTimers:
    """One Series per stage; times are wall clock, waiting included."""

    def __init__(self, stages: Sequence[str] = STAGES, keep: int = KEEP) -> None:
        self._series = {stage: Series(keep) for stage in stages}

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Time the block as one pass of `stage`; a block that raises counts too."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self._series[stage].add((time.perf_counter() - begun) * 1e3)

    def newest_ms(self, stages: Iterable[str]) -> Dict[str, float]:
        """The last time of each of these stages, rounded to a microsecond."""
        return {stage: round(self._series[stage].newest, 3) for stage in stages}

    def summary(self) -> Dict[str, Dict[str, float]]:
        """{stage: {p50, p95, p99}} in milliseconds."""
        return {stage: series.percentiles() for stage, series in self._series.items()}
