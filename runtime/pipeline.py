"""The loop: for every frame, prepared, inferred, parsed, and the result to every sink.

Knows the order of things and how long each took; not what a frame shows, which backend infers,
where results go, nor whose turn it is where there are several cameras (cameras/turns.py).
"""

import time
from typing import Callable, Iterator, List, Optional, Sequence

from catseye.runtime.account import Account
from catseye.runtime.budget import ALARM_AFTER
from catseye.runtime.cameras.batch import Batch
from catseye.runtime.cameras.feed import Feed
from catseye.runtime.cameras.statistics import Statistics, statistics_of
from catseye.runtime.cameras.turns import Turns, frames_in_turn
from catseye.runtime.control.alarms import Condition
from catseye.runtime.control.judge import Judge
from catseye.runtime.engines import Engine
from catseye.runtime.frame import Frame
from catseye.runtime.health.frame_quality import Health
from catseye.runtime.power import PowerReading
from catseye.runtime.sinks import EndRun, Sink, WriteReport
from catseye.runtime.tasks import AnyTask, Result
from catseye.runtime.timing import StageTimers

NOTICE_EVERY_S = 1.0  # how often sinks are told that there still is no camera


class Pipeline:
    """One run of cameras through a task each and one engine into sinks; all of them opened, and
    closed, by the caller."""

    def __init__(
        self,
        feeds: Sequence[Feed],
        engine: Engine,
        sinks: Sequence[Sink],
        *,
        frames: Optional[int] = None,
        budget_ms: Optional[float] = None,
        alarm_after: int = ALARM_AFTER,
        heartbeat: Callable[[], None] = lambda: None,
        power: Callable[[], PowerReading] = PowerReading,
        out_of_distribution: Optional[Callable[[Frame], float]] = None,
        camera_delay_ms: float = 0.0,
        timers: Callable[[], StageTimers] = StageTimers,
        when: Sequence[Condition] = (),
        batch: Optional[Batch] = None,
    ) -> None:
        """feeds: one, or several of different names.  frames: how many at most, of all cameras
        together.  budget_ms: a result older than this when written is stale.  alarm_after: so many
        of them of one camera in a row raise the alarm.  heartbeat: called after every result, and
        several times a second without any. power: asked for every result; must not take long.
        out_of_distribution: a second opinion on each frame's health, 0-1
        (runtime/auxiliary/monitor.py).  camera_delay_ms: by how much a picture of a camera that
        does not tell its time is older than its arrival.  timers: makes those of one camera.  when:
        what raises alarms, of each camera.  batch: takes the frames of two cameras that wait
        together.
        """
        self._feeds = {feed.name: feed for feed in feeds}
        self._engine, self._batch, self._sinks = engine, batch, sinks
        self._limit, self._heartbeat, self._power = frames, heartbeat, power
        self._accounts = {
            feed.name: Account(
                feed.source,
                timers(),
                budget_ms,
                alarm_after,
                out_of_distribution,
                feed.name,
                camera_delay_ms,
            )
            for feed in feeds
        }
        self._judges = {feed.name: Judge(when, feed.name) for feed in feeds}
        self._task_name = ""
        self._told_s = dict.fromkeys(self._feeds, 0.0)
        self._begun_s = self._ended_s = time.perf_counter()
        self._stopping = False

    def run(self) -> Statistics:
        """Until all sources end, `frames` are done, a sink has enough or `stop` is called."""
        self._begun_s = time.perf_counter()
        sources = {name: feed.source for name, feed in self._feeds.items()}
        try:
            with frames_in_turn(sources, self._limit, self._while_waiting) as frames:
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
        for feed in self._feeds.values():
            feed.source.stop()

    @property
    def done(self) -> int:
        """Results that every sink took so far."""
        return sum(account.frames for account in self._accounts.values())

    def statistics(self) -> Statistics:
        """What the run came to, also one that an error ended."""
        seconds = self._ended_s - self._begun_s
        return statistics_of(list(self._accounts.values()), self._task_name, seconds)

    def _took_one(self, frames: Iterator[Frame]) -> bool:
        """One frame from its source to the sinks, and not held any longer; False at the end."""
        begun_s = time.perf_counter()
        frame = next(frames, None)
        if frame is None:
            return False
        account = self._accounts[frame.camera]
        account.timers.add("capture", begun_s)
        other = self._waiting_beside(frame, frames)
        if other is not None:
            self._take_two(frame, other)
        else:
            health = account.health_of(frame)
            result = result_of(frame, self._feeds[frame.camera].task, self._engine, account.timers)
            self._write(frame, result, health, account)
        if len(self._feeds) > 1:  # the others may be dead while this one keeps the loop busy
            self._tell_notices()
        return True

    def _waiting_beside(self, frame: Frame, frames: Iterator[Frame]) -> Optional[Frame]:
        """What goes into one call of the engine with this frame, if anything does."""
        if self._batch is None or not isinstance(frames, Turns):
            return None
        return frames.waiting_beside(frame)

    def _take_two(self, *both: Frame) -> None:
        """Frames of two cameras through the model in one call, and to the sinks one by one."""
        assert self._batch is not None
        accounts = [self._accounts[frame.camera] for frame in both]
        healths = [account.health_of(frame) for account, frame in zip(accounts, both)]
        tasks = [self._feeds[frame.camera].task for frame in both]
        timers = [account.timers for account in accounts]
        results = results_of_two(both, tasks, self._batch, timers)
        for parts in zip(both, results, healths, accounts):
            self._write(*parts)

    def _write(self, frame: Frame, result: Result, health: Health, account: Account) -> None:
        failing = [sink for sink in self._sinks if sink.failing]
        names = tuple(sink.failing for sink in failing)
        report = WriteReport(frame, result, account.facts(frame, health, self._power(), names))
        controls = tuple(sink.failing for sink in failing if sink.controls)
        report = self._judges[frame.camera].judged(frame, result, report, controls)
        account.raised = report.facts.alarm_counts
        with account.timers.measure("write"):
            for sink in self._sinks:
                sink.write(frame, result, report)
        account.frames, self._task_name = account.frames + 1, result.task

    def _while_waiting(self) -> None:
        """No frame yet: show that the loop is alive, and tell the sinks where there is no
        camera."""
        self._heartbeat()
        self._tell_notices()

    def _tell_notices(self) -> None:
        """Tell the sinks of each camera that is not there, about once a second."""
        for name, feed in self._feeds.items():
            notice = feed.source.notice
            if notice is not None and time.perf_counter() - self._told_s[name] >= NOTICE_EVERY_S:
                self._told_s[name] = time.perf_counter()
                for sink in self._sinks:
                    sink.notice(notice._replace(camera=name))


def result_of(frame: Frame, task: AnyTask, engine: Engine, timers: StageTimers) -> Result:
    """One frame through the model, each step timed."""
    with timers.measure("prepare"):
        inputs, kept = task.prepare(frame)
    with timers.measure("infer"):
        outputs = engine.infer(inputs)
    with timers.measure("parse"):
        return task.parse(outputs, kept)


def results_of_two(
    frames: Sequence[Frame],
    tasks: Sequence[AnyTask],
    batch: Batch,
    timers: Sequence[StageTimers],
) -> List[Result]:
    """Two frames through the model in one call, each step timed for each of them."""
    prepared = []
    for frame, task, own in zip(frames, tasks, timers):
        with own.measure("prepare"):
            prepared.append(task.prepare(frame))
    (one, _), (other, _) = prepared
    begun_s = time.perf_counter()
    answers = batch.infer(one, other)
    results = []
    for own in timers:
        own.add("infer", begun_s)
    for outputs, (_, kept), task, own in zip(answers, prepared, tasks, timers):
        with own.measure("parse"):
            results.append(task.parse(outputs, kept))
    return results
