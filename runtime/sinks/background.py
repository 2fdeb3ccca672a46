"""A sink behind its own thread: a slow one skips or holds back, a failing one is tried again, none
stops the others.

Knows the slot between the loop and one sink, and when to try again; not what the sink writes.
"""

import logging
import threading
import time
from collections import OrderedDict
from functools import partial
from typing import Callable, Collection, Dict, Optional, Tuple

from catseye.runtime.clock.waits import Condition, joined
from catseye.runtime.engines.computed_by import About
from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame
from catseye.runtime.sinks.base import EndRun, Sink, SinkStatistics, WriteReport
from catseye.runtime.sources.faults import Notice
from catseye.runtime.system.masking import masked
from catseye.runtime.tasks import Result
from catseye.runtime.timing import Series

FIRST_RETRY_S, LONGEST_RETRY_S = 0.5, 30.0
WAKE_S = 0.2  # how soon a wait notices what was not notified
# without progress while closing: a dead network drive must not keep the program
HANGS_AFTER_S = 10.0

Item = Tuple[Frame, Result, WriteReport]

log = logging.getLogger("catseye")


class BackgroundSink(Sink):
    """Hands results over and returns at once.

    newest_wins: one result of each camera waits, and a newer one replaces it (live sources);
    otherwise `write` waits until the sink is ready, so that none waits in between with its picture,
    and nothing is skipped (files). While the sink fails, results are lost
    and counted; it is tried again after half a second, then after twice as long each time, up to
    half a minute.
    """

    own_thread = False

    def __init__(
        self, sink: Sink, uri: str, newest_wins: bool, cameras: Collection[str] = ("",)
    ) -> None:
        """cameras: the names of those whose results it takes; others' pass it by."""
        self.path = sink.path
        self._sink, self._uri, self._newest_wins = sink, uri, newest_wins
        self._changed = Condition()
        # by camera, the one that waits longest first
        self._waiting: "OrderedDict[str, Item]" = OrderedDict()
        self._notices: Dict[str, Notice] = {}  # the newest of each
        self._closing = self._enough = self._busy = False
        self._written = self._skipped = self._lost = 0
        self._skipped_in_a_row = dict.fromkeys(cameras, 0)
        self._error, self._retry_s, self._retry_at_s = "", FIRST_RETRY_S, 0.0
        self._failed_to_close: Optional[Exception] = None
        self._times = Series()
        self._thread = threading.Thread(target=self._work, name="sink " + uri, daemon=True)
        self._thread.start()

    @property
    def failing(self) -> str:  # type: ignore[override]  # here it changes
        return masked(self._uri) if self._error else ""

    def begin(self, about: About) -> None:
        self._sink.begin(about)

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        camera = frame.camera
        if camera not in self._skipped_in_a_row:
            return
        with self._changed:
            self._make_room(camera)
            if self._enough:
                raise EndRun()
            skipped = self._skipped_in_a_row[camera]
            self._waiting[camera] = (frame, result, report.after_skipping(skipped))
            self._notices.pop(camera, None)  # the camera is back
            self._changed.notify_all()

    def notice(self, notice: Notice) -> None:
        """Leave it for the sink; one whose reader has gone ends the run now, and not at the next
        frame."""
        if notice.camera not in self._skipped_in_a_row:
            return
        with self._changed:
            if self._enough:
                raise EndRun()
            self._notices[notice.camera] = notice
            self._changed.notify_all()

    def close(self) -> None:
        """Let the sink finish what waits, then close it; raises what closing it raised. A second
        call does nothing."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._join()
        error, self._failed_to_close = self._failed_to_close, None
        if error is not None:
            raise error

    def statistics(self) -> SinkStatistics:
        with self._changed:
            return SinkStatistics(
                sink=self._uri,
                written=self._written - self._sink.withdrawn - self._sink.passed_over,
                skipped=self._skipped,
                lost=self._lost + self._sink.withdrawn,
                error=self._error,
                write_ms=self._times.percentiles(),
            )

    def _make_room(self, camera: str) -> None:
        if not self._newest_wins:
            while (self._waiting or self._busy) and not self._enough:
                self._changed.wait(WAKE_S)
        elif camera in self._waiting:  # the newer one takes its place
            self._skipped += 1
            self._skipped_in_a_row[camera] += 1

    def _work(self) -> None:
        """The thread: one result or notice after another until the loop has ended and nothing
        waits."""
        while not self._enough and self._did_next():
            pass
        try:
            self._sink.close()
        except Exception as error:  # raised again by close(), in the loop's thread
            self._failed_to_close = error

    def _did_next(self) -> bool:
        """Do the next job, and hold nothing of it any longer; False when there is none."""
        job = self._next()
        if job is None:
            return False
        job()
        del job
        with self._changed:
            self._busy = False
            self._changed.notify_all()
        return True

    def _next(self) -> Optional[Callable[[], None]]:
        with self._changed:
            while not self._waiting and not self._notices and not self._closing:
                self._changed.wait(WAKE_S)
            for name in self._notices:
                if name not in self._waiting:  # whose last result comes first
                    self._busy = True
                    return partial(self._tell, self._notices.pop(name))
            if not self._waiting:
                return None
            camera, item = self._waiting.popitem(last=False)
            self._skipped_in_a_row[camera] = 0
            self._busy = True
            return partial(self._write_one, *item)

    def _write_one(self, frame: Frame, result: Result, report: WriteReport) -> None:
        begun_s = time.monotonic()
        if self._tried(lambda: self._sink.write(frame, result, report)):
            self._times.add((time.monotonic() - begun_s) * 1e3)
            self._note_success()
        elif not self._enough:
            self._lost += 1

    def _tell(self, notice: Notice) -> None:
        """One that fails is not lost: the next says the same."""
        self._tried(lambda: self._sink.notice(notice))

    def _tried(self, action: Callable[[], None]) -> bool:
        """Whether the sink took it; whatever a sink does wrong is its own trouble."""
        if time.monotonic() < self._retry_at_s:
            return False
        try:
            action()
        except EndRun:
            self._enough = True
            return False
        except Exception as error:
            self._note_failure(error)
            return False
        return True

    def _note_failure(self, error: Exception) -> None:
        words = (
            str(error)
            if isinstance(error, CatseyeError)
            else "%s: %s" % (type(error).__name__, error)
        )
        if not self._error:  # once for each time that it fails, whatever it says at the next try
            log.warning("sink %s fails, the run goes on: %s", self._uri, words)
        self._error, self._retry_at_s = words, time.monotonic() + self._retry_s
        self._retry_s = min(2 * self._retry_s, LONGEST_RETRY_S)

    def _note_success(self) -> None:
        self._written += 1
        if self._error:
            lost = self._lost + self._sink.withdrawn
            log.warning("sink %s works again; %d results lost so far", self._uri, lost)
            self._error, self._retry_s = "", FIRST_RETRY_S

    def _join(self) -> None:
        """Wait for the thread as long as it gets on."""
        done, since_s = -1, time.monotonic()
        while self._thread.is_alive():
            joined(self._thread, WAKE_S)
            if self._written + self._lost != done:
                done, since_s = self._written + self._lost, time.monotonic()
            elif time.monotonic() - since_s > HANGS_AFTER_S:
                self._lost += len(self._waiting) + 1
                self._error = "hangs"
                log.warning("sink %s hangs and is left behind", self._uri)
                return
