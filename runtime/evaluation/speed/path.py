"""The whole path of a source: from the capture of a frame to its result, for some seconds, with
what the camera and the loop add to the model's own latency.

Knows the loop and the clock; not what a frame shows, nor where results go: nowhere.
"""

import time
from typing import Dict, List, NamedTuple, Optional, Tuple

from catseye.runtime.cameras.feed import Feed
from catseye.runtime.clock.cpu_profile import CpuProfile, CpuShares
from catseye.runtime.engines import Engine
from catseye.runtime.frame import Frame
from catseye.runtime.pipeline import Pipeline
from catseye.runtime.sinks import EndRun, Sink, WriteReport
from catseye.runtime.sources import Source
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks import AnyTask, Result
from catseye.runtime.timing import percentiles


class PathMeasurement(NamedTuple):
    """age_ms: from `counted_from` to the result, p50, p95, p99.  interval_ms: from one result to
    the next.  jitter_ms: p99 - p50 of that.  skipped: frames that passed by.  stale, budget_missed:
    as `run` has them.  cpu: processor time of a frame."""

    frames: int
    seconds: float
    fps: float
    age_ms: Dict[str, float]
    counted_from: str
    interval_ms: Dict[str, float]
    jitter_ms: float
    skipped: int
    budget_ms: Optional[float]
    stale: int
    budget_missed: bool
    size: Tuple[int, int]
    cpu: CpuShares

    def as_json(self) -> JsonObject:
        return dict(self._asdict(), size=list(self.size), cpu=self.cpu.as_json())


class _Clocked(Sink):
    """Notes when results come; has enough after some seconds."""

    own_thread = False

    def __init__(self, seconds: float) -> None:
        self.times_s: List[float] = []
        self.size_wh = (0, 0)
        self._seconds = seconds

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        self.times_s.append(time.perf_counter())
        self.size_wh = (frame.image.shape[1], frame.image.shape[0])
        if self.times_s[-1] - self.times_s[0] >= self._seconds:
            raise EndRun()


def measure_path(
    source: Source,
    task: AnyTask,
    engine: Engine,
    seconds: float,
    budget_ms: Optional[float] = None,
) -> PathMeasurement:
    """Run for so long, or until the source ends. Raises what the source and the engine raise."""
    clocked, profile = _Clocked(seconds), CpuProfile()
    pipeline = Pipeline(
        [Feed(source, task)],
        engine,
        [clocked],
        budget_ms=budget_ms,
        heartbeat=profile.look,
        timers=profile.timers,
    )
    profile.begin()
    statistics = pipeline.run()
    profile.end()
    times_s = clocked.times_s
    interval_ms = percentiles([1e3 * (b - a) for a, b in zip(times_s, times_s[1:])])
    return PathMeasurement(
        frames=len(times_s),
        seconds=statistics.seconds,
        fps=(len(times_s) - 1) / (times_s[-1] - times_s[0]) if len(times_s) > 1 else 0.0,
        age_ms=statistics.age_ms,
        counted_from=statistics.counted_from,
        interval_ms=interval_ms,
        jitter_ms=interval_ms["p99"] - interval_ms["p50"],
        skipped=statistics.skipped,
        budget_ms=budget_ms,
        stale=statistics.stale,
        budget_missed=statistics.budget_missed,
        size=clocked.size_wh,
        cpu=profile.shares(len(times_s)),
    )
