"""A sink that speaks at a fixed rate, whatever the loop does: the newest result of each camera, or
that there is none.

Knows the pace, the watchdog and what has failed; not how a message looks, nor where it goes. Right
before a message is sent it is looked whether it still holds, so that nothing older than its budget
goes out as `ok`.
"""

import logging
import threading
import time
from abc import abstractmethod
from typing import Any, Dict, Sequence

from catseye.runtime.clock.moment import monotonic_ns
from catseye.runtime.clock.waits import Event, joined
from catseye.runtime.control.state import BLIND, State
from catseye.runtime.control.watchdog import Newest, Statement, Watchdog
from catseye.runtime.errors import SinkError
from catseye.runtime.frame import Frame
from catseye.runtime.sinks.base import Sink, SinkStatistics, WriteReport
from catseye.runtime.sources.faults import Notice
from catseye.runtime.system.masking import masked
from catseye.runtime.system.option_values import number_above
from catseye.runtime.tasks import Result
from catseye.runtime.timing import Series

USUAL_RATE_HZ, HIGHEST_RATE_HZ = 20.0, 1000.0
RATE = (
    "rate_hz",
    number_above(0, HIGHEST_RATE_HZ),
    "messages per second, above 0, at most %d" % HIGHEST_RATE_HZ,
)
MOST_TRIES = 3  # a message may grow old while it is written
CLOSE_TIMEOUT_S = 2.0
ENDED = State(BLIND, "the run has ended")

log = logging.getLogger("catseye")


class PacedSink(Sink):
    """Speaks from its opening on, before the first picture too, and a last time when it is
    closed."""

    own_thread, controls = False, True

    def __init__(self, uri: str, rate_hz: float, cameras: Sequence[str]) -> None:
        """cameras: the names of those of which it speaks."""
        self._uri, self._period_s = masked(uri), 1 / rate_hz
        self._watchdog = Watchdog(cameras)
        self._sequence: Dict[str, int] = dict.fromkeys(cameras, 0)
        self._sent = self._lost = 0
        self._error = ""
        self._times = Series()
        self._ended = Event()
        self._thread = threading.Thread(target=self._work, name="sink " + self._uri, daemon=True)
        self._thread.start()

    @property
    def failing(self) -> str:  # type: ignore[override]  # here it changes
        return self._uri if self._error else ""

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        if frame.camera in self._sequence:
            newest = Newest(frame, report.facts, lambda: report.found, result.task)
            self._watchdog.result(newest)

    def notice(self, notice: Notice) -> None:
        if notice.camera in self._sequence:
            self._watchdog.notice(notice)

    def statistics(self) -> SinkStatistics:
        """written: messages that were sent; lost: those that could not be."""
        times = self._times.percentiles()
        return SinkStatistics(self._uri, self._sent, 0, self._lost, self._error, times)

    def close(self) -> None:
        """Say that the run has ended, and stop; a second call does nothing."""
        if self._ended.is_set():
            return
        self._ended.set()
        joined(self._thread, CLOSE_TIMEOUT_S)  # one that hangs is left behind
        self._release()

    @abstractmethod
    def _message(self, statement: Statement, sequence: int) -> Any:
        """What is to be sent of a camera."""

    @abstractmethod
    def _send(self, message: Any) -> None:
        """Raises SinkError where it cannot be; does not wait."""

    @abstractmethod
    def _release(self) -> None:
        """Give back what it sends by."""

    def _work(self) -> None:
        due_s = time.monotonic()
        while not self._ended.wait(max(0.0, due_s - time.monotonic())):
            for camera in self._watchdog.cameras:
                begun_s = time.monotonic()
                self._tell(camera)
                self._times.add((time.monotonic() - begun_s) * 1e3)
            due_s += self._period_s
            if due_s <= time.monotonic():  # behind: what was missed is not made up for
                due_s = time.monotonic() + self._period_s
        for camera in self._watchdog.cameras:
            self._try(self._ending(camera))

    def _tell(self, camera: str) -> None:
        """What holds of a camera now."""
        for _ in range(MOST_TRIES):
            statement = self._watchdog.statement(camera, monotonic_ns())
            message = self._message(statement, self._sequence[camera])
            if statement.until_ns is None or monotonic_ns() <= statement.until_ns:
                self._sequence[camera] += 1
                self._try(message)
                return

    def _ending(self, camera: str) -> Any:
        last = self._watchdog.statement(camera, monotonic_ns())
        statement = last._replace(state=ENDED, until_ns=None)
        return self._message(statement, self._sequence[camera])

    def _try(self, message: Any) -> None:
        """Send it; a failure is told once, until it works again."""
        try:
            self._send(message)
        except SinkError as error:
            self._note(str(error))
        except Exception as error:  # of whatever library: it must not end the heartbeat
            self._note("%s: %s" % (type(error).__name__, error))
        else:
            self._sent += 1
            if self._error:
                log.warning("sink %s works again; %d messages lost", self._uri, self._lost)
                self._error = ""

    def _note(self, words: str) -> None:
        self._lost += 1
        if not self._error:
            log.warning("sink %s fails, the run goes on: %s", self._uri, words)
        self._error = words
