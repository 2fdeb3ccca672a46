"""The loop: for every frame, prepared, inferred, parsed, and the result to every sink.

Knows the order of things and how long each took; not what a frame shows, which backend infers, or
where results go.
"""

import time
from typing import Callable, Dict, Iterator, NamedTuple, Optional, Sequence

from catseye.runtime.account import Account
from catseye.runtime.budget import ALARM_AFTER
from catseye.runtime.engines import Engine
from catseye.runtime.frame import Frame
from catseye.runtime.health.frame_quality import Health
from catseye.runtime.power import PowerReading
from catseye.runtime.sinks import EndRun, Sink, WriteReport
from catseye.runtime.sources import Source
from catseye.runtime.sources.ahead import frames_ahead
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks import AnyTask, Result
from catseye.runtime.timing import StageTimers

NOTICE_EVERY_S = 1.0  # how often sinks are told that there still is no camera


class Statistics(NamedTuple):
    """What a run came to.

    frames: results that every sink took.  fps: those per second, start to end.  alarms: how often
    so many results in a row were stale that it was told.  budget_missed: an alarm, or more than one
    result in twenty stale.  faults: of the camera, by kind.  health: frames by verdict.  age_ms,
    stages_ms: p50, p95, p99 of the newest ones.
    """

    source: str
    task: str
    frames: int
    skipped: int
    stale: int
    alarms: int
    budget_ms: Optional[float]
    budget_missed: bool
    faults: Dict[str, int]
    health: Dict[str, int]
    seconds: float
    fps: float
    age_ms: Dict[str, float]
    stages_ms: Dict[str, Dict[str, float]]

    def as_json(self) -> JsonObject:
        return dict(self._asdict())


class Pipeline:
    """One run of a source through a task and its engine into sinks; all of them opened, and closed,
    by the caller."""

    def __init__(
        self,
        source: Source,
        task: AnyTask,
        engine: Engine,
        sinks: Sequence[Sink],
        *,
        frames: Optional[int] = None,
        budget_ms: Optional[float] = None,
        alarm_after: int = ALARM_AFTER,
        heartbeat: Callable[[], None] = lambda: None,
        power: Callable[[], PowerReading] = PowerReading,
        out_of_distribution: Optional[Callable[[Frame], float]] = None,
    ) -> None:
        """frames: how many at most.  budget_ms: a result older than this when written is stale.
        alarm_after: so many of them in a row raise the alarm.  heartbeat: called after every
        result, and several times a second without any. power: asked for every result; must not take
        long.  out_of_distribution: a second opinion on each frame's health, 0-1
        (runtime/auxiliary/monitor.py).
        """
        self._source, self._task, self._engine, self._sinks = source, task, engine, sinks
        self._limit, self._heartbeat, self._power = frames, heartbeat, power
        self._timers = StageTimers()
        self._account = Account(source, self._timers, budget_ms, alarm_after, out_of_distribution)
        self._frames, self._task_name = 0, ""
        self._told_s = 0.0
        self._begun_s = self._ended_s = time.perf_counter()
        self._stopping = False

    def run(self) -> Statistics:
        """Until the source ends, `frames` are done, a sink has enough or `stop` is called."""
        self._begun_s = time.perf_counter()
        self._source.on_wait = self._while_waiting
        try:
            with frames_ahead(self._source, self._limit) as frames:
                while not self._stopping and self._took_one(frames):
                    self._heartbeat()
        except EndRun:
            pass
        finally:
            self._ended_s = time.perf_counter()
        return self.statistics()

    def stop(self) -> None:
        """Finish the frame in hand, then end; safe in a signal handler."""
        self._stopping = True
        self._source.stop()

    @property
    def done(self) -> int:
        """Results that every sink took so far."""
        return self._frames

    def statistics(self) -> Statistics:
        """What the run came to, also one that an error ended."""
        seconds = self._ended_s - self._begun_s
        fps = self._frames / seconds if seconds else 0.0
        account, budget = self._account, self._account.budget
        return Statistics(
            source=self._source.description,
            task=self._task_name,
            frames=self._frames,
            skipped=account.skipped,
            stale=budget.stale,
            alarms=budget.alarms,
            budget_ms=budget.budget_ms,
            budget_missed=budget.missed,
            faults=self._source.faults,
            health=dict(account.verdicts),
            seconds=seconds,
            fps=fps,
            age_ms=account.ages.percentiles(),
            stages_ms=self._timers.summary(),
        )

    def _took_one(self, frames: Iterator[Frame]) -> bool:
        """One frame from the source to the sinks, and not held any longer; False at the end."""
        with self._timers.measure("capture"):
            frame = next(frames, None)
        if frame is None:
            return False
        health = self._account.health_of(frame)
        result = result_of(frame, self._task, self._engine, self._timers)
        self._write(frame, result, health)
        return True

    def _write(self, frame: Frame, result: Result, health: Health) -> None:
        facts = self._account.facts(frame, health, self._power())
        report = WriteReport(frame, result, facts)
        with self._timers.measure("write"):
            for sink in self._sinks:
                sink.write(frame, result, report)
        self._frames, self._task_name = self._frames + 1, result.task

    def _while_waiting(self) -> None:
        """No frame yet: show that the loop is alive, and tell the sinks where there is no
        camera."""
        self._heartbeat()
        notice = self._source.notice
        if notice is not None and time.perf_counter() - self._told_s >= NOTICE_EVERY_S:
            self._told_s = time.perf_counter()
            for sink in self._sinks:
                sink.notice(notice)


def result_of(frame: Frame, task: AnyTask, engine: Engine, timers: StageTimers) -> Result:
    """One frame through the model, each step timed."""
    with timers.measure("prepare"):
        inputs, kept = task.prepare(frame)
    with timers.measure("infer"):
        outputs = engine.infer(inputs)
    with timers.measure("parse"):
        return task.parse(outputs, kept)
