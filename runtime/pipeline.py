"""The loop: for every frame, task.parse(engine.infer(task.prepare(frame)), frame), and the result to every sink.

Knows the order of things and how long each took; not what a frame shows, which backend infers, or where results go.
"""

import time
from itertools import islice
from typing import Any, Dict, Iterator, NamedTuple, Optional, Sequence

from catseye.runtime.engines import Engine
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.sinks import EndRun, Facts, Sink, WriteReport
from catseye.runtime.sources import Source
from catseye.runtime.tasks import Result, Task
from catseye.runtime.timing import Series, StageTimers

STAGES_BEFORE_WRITE = ("capture", "prepare", "infer", "parse")
TOLERATED_STALE = 0.05  # share of results older than the budget that a busy machine may have


class Statistics(NamedTuple):
    """What a run came to.

    frames: results that every sink took.  fps: those per second, start to end.  age_ms, stages_ms: p50, p95, p99 of the
    newest ones.
    """

    source: str
    task: str
    frames: int
    skipped: int
    stale: int
    budget_ms: Optional[float]
    seconds: float
    fps: float
    age_ms: Dict[str, float]
    stages_ms: Dict[str, Dict[str, float]]

    @property
    def budget_missed(self) -> bool:
        """Whether more than one result in twenty was older than the budget when it was written."""
        return self.stale > TOLERATED_STALE * self.frames

    def as_json(self) -> Dict[str, Any]:
        return dict(self._asdict(), budget_missed=self.budget_missed)


class Pipeline:
    """One run of a source through a task and its engine into sinks; all of them opened, and closed, by the caller."""

    def __init__(self, source: Source, task: Task, engine: Engine, sinks: Sequence[Sink],
                 frames: Optional[int] = None, budget_ms: Optional[float] = None) -> None:
        """frames: how many at most.  budget_ms: a result older than this when written is stale."""
        self._source, self._task, self._engine, self._sinks = source, task, engine, sinks
        self._limit, self._budget_ms = frames, budget_ms
        self._timers, self._ages = StageTimers(), Series()
        self._frames = self._skipped = self._stale = 0
        self._task_name = ""
        self._last_index = -1
        self._begun_s = self._ended_s = time.perf_counter()
        self._stopping = False

    def run(self) -> Statistics:
        """Until the source ends, `frames` are done, a sink has enough or `stop` is called."""
        self._begun_s = time.perf_counter()
        try:
            for frame in self._captured():
                result = result_of(frame, self._task, self._engine, self._timers)
                self._write(frame, result)
        except EndRun:
            pass
        finally:
            self._ended_s = time.perf_counter()
        return self.statistics()

    def stop(self) -> None:
        """Finish the frame in hand, then end; safe in a signal handler."""
        self._stopping = True
        self._source.stop()

    def statistics(self) -> Statistics:
        """What the run came to, also one that an error ended."""
        seconds = self._ended_s - self._begun_s
        fps = self._frames / seconds if seconds else 0.0
        return Statistics(self._source.description, self._task_name, self._frames, self._skipped, self._stale,
                          self._budget_ms, seconds, fps, self._ages.percentiles(), self._timers.summary())

    def _captured(self) -> Iterator[Frame]:
        """The source's frames, timed, as many as are wanted."""
        frames = islice(self._source, self._limit)
        while not self._stopping:
            with self._timers.measure("capture"):
                frame = next(frames, None)
            if frame is None:
                return
            yield frame

    def _write(self, frame: Frame, result: Result) -> None:
        report = WriteReport(frame, result, self._account(frame, result))
        with self._timers.measure("write"):
            for sink in self._sinks:
                sink.write(frame, result, report)
        self._frames += 1

    def _account(self, frame: Frame, result: Result) -> Facts:
        """Count the result, and what is to be said of it."""
        # a wall clock may be set back
        age_ms = max(0.0, (now_ns() - (frame.read_ns or frame.timestamp_ns)) / 1e6)
        skipped = 0 if frame.read_ns else frame.index - self._last_index - 1  # gaps in a replay are the recorder's
        self._last_index = frame.index
        stale = self._budget_ms is not None and age_ms > self._budget_ms
        self._skipped, self._stale = self._skipped + skipped, self._stale + stale
        self._task_name = result.task
        self._ages.add(age_ms)
        stages_ms = self._timers.newest_ms(STAGES_BEFORE_WRITE)
        return Facts(self._source.description, age_ms, skipped, stale, stages_ms, self._ages, self._skipped)


def result_of(frame: Frame, task: Task, engine: Engine, timers: StageTimers) -> Result:
    """One frame through the model, each step timed."""
    with timers.measure("prepare"):
        inputs = task.prepare(frame)
    with timers.measure("infer"):
        outputs = engine.infer(inputs)
    with timers.measure("parse"):
        return task.parse(outputs, frame)
