"""How long things take: stage timers, each step of the loop as percentiles over the newest frames.

Knows stage names and milliseconds; not what a stage does. Memory stays bounded however long the
run.
"""

import time
from contextlib import contextmanager
from typing import Dict, Iterable, Iterator, Sequence, Union

import numpy as np

STAGES = ("capture", "health", "prepare", "infer", "parse", "write")
PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
KEEP = 10000  # newest values kept per series: five minutes at 30 frames per second


def percentiles(values: Union[Sequence[float], np.ndarray]) -> Dict[str, float]:
    """p50, p95 and p99 of numbers; zeros where there are none."""
    if not len(values):
        return dict.fromkeys(PERCENTILES, 0.0)
    # what np.percentile gives, which imports masked arrays for it: 10 ms of a start
    places = np.array(tuple(PERCENTILES.values())) * (len(values) - 1)
    found = np.interp(places, np.arange(len(values)), np.sort(values))
    return dict(zip(PERCENTILES, found.tolist()))


class Series:
    """The newest `keep` values of one measurement, in milliseconds; one thread adds, any may
    ask.

    newest: the value added last, 0 where there is none.
    """

    def __init__(self, keep: int = KEEP) -> None:
        self._values = np.zeros(keep)  # a ring: the oldest is overwritten
        self._added, self.newest = 0, 0.0

    def add(self, value_ms: float) -> None:
        self._values[self._added % len(self._values)] = self.newest = value_ms
        self._added += 1

    @property
    def kept(self) -> np.ndarray:
        """(n,) float64: the newest values, in no order."""
        return self._values[: self._added]

    def percentiles(self) -> Dict[str, float]:
        """p50, p95 and p99 of what is kept; zeros where nothing is."""
        return percentiles(self.kept)


def merged_percentiles(series: Sequence[Series]) -> Dict[str, float]:
    """p50, p95 and p99 of all that they keep together."""
    return percentiles(np.concatenate([each.kept for each in series]))


class StageTimers:
    """One Series per stage; times are wall clock, waiting included.

    >>> timers = StageTimers()
    >>> with timers.measure("infer"):
    ...     pass
    >>> sorted(timers.summary()["infer"])
    ['p50', 'p95', 'p99']
    """

    def __init__(self, stages: Sequence[str] = STAGES, keep: int = KEEP) -> None:
        self._series = {stage: Series(keep) for stage in stages}

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Time the block as one pass of `stage`; a block that raises counts too."""
        begun_s = time.perf_counter()
        try:
            yield
        finally:
            self.add(stage, begun_s)

    def add(self, stage: str, begun_s: float) -> None:
        """Time what began then, by time.perf_counter, and ends now as one pass of `stage`."""
        self._series[stage].add((time.perf_counter() - begun_s) * 1e3)

    def series(self, stage: str) -> Series:
        return self._series[stage]

    def newest_ms(self, stages: Iterable[str]) -> Dict[str, float]:
        """The last time of each of these stages, rounded to a microsecond."""
        return {stage: round(self._series[stage].newest, 3) for stage in stages}

    def summary(self) -> Dict[str, Dict[str, float]]:
        """{stage: {p50, p95, p99}} in milliseconds."""
        return {stage: series.percentiles() for stage, series in self._series.items()}
