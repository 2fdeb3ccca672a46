"""`--keep-hard LOG`: a recording of the frames worth a second look, and of no others.

Knows the signs that a result may be wrong: too late, a frame in bad health, a result that stands
out from those before it. Such a log shows where two models differ, and is what the next one should
be trained on.
"""

from collections import deque
from typing import Collection, Deque, List, Optional, Sequence

import numpy as np

from catseye.runtime.account import Facts
from catseye.runtime.frame import Frame
from catseye.runtime.health.frame_quality import OK
from catseye.runtime.recording import mcap
from catseye.runtime.sinks.background import BackgroundSink
from catseye.runtime.sinks.base import WriteReport
from catseye.runtime.sinks.record import LogAddress, RecordSink, size_of
from catseye.runtime.tasks import Result

USUAL = 100  # results whose median uncertainty is the usual one
FEWEST = 10  # before so many, nothing stands out
STANDS_OUT = 2.0  # times the usual uncertainty
MOST_WAITING_BYTES = 256 << 20  # of frames that may lie around a hard one to come
LEAST_UNCERTAINTY = 0.02  # below it nothing is doubtful, however calm the others were


class HardFramesSink(BackgroundSink):
    """A log of the hard frames. Each tells why in its row: `hard`, a list of the alarms that hold,
    "stale", the health's verdict, "doubt"."""

    def __init__(
        self,
        address: LogAddress,
        fps: float,
        newest_wins: bool,
        cameras: Collection[str] = ("",),
        around_s: float = 0.0,
    ) -> None:
        """around_s: how long before and after a hard frame all others are kept too."""
        names = list(cameras)
        record = (
            AroundSink(address, fps, names, around_s)
            if around_s
            else RecordSink(address, fps, names)
        )
        super().__init__(record, "record://" + address.path, newest_wins, cameras)
        self._judges = {camera: _Judge() for camera in cameras}
        self._takes_all = around_s > 0

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        hard = self._judges[frame.camera].reasons(result, report.facts)
        if hard or self._takes_all:
            facts = report.facts._replace(hard=tuple(hard))
            super().write(frame, result, report.with_facts(facts))


class AroundSink(RecordSink):
    """Keeps what lies around hard frames: the others wait, coded, until one comes or they are too
    old."""

    def __init__(
        self, address: LogAddress, fps: float, cameras: Sequence[str], around_s: float
    ) -> None:
        super().__init__(address, fps, cameras)
        self._around_ns = int(around_s * 1e9)
        self._waiting: Deque[List[mcap.Message]] = deque()
        self._waiting_bytes = 0
        self._hard_ns: Optional[int] = None  # of the newest one

    def close(self) -> None:
        self.passed_over += len(self._waiting)
        self._waiting.clear()
        super().close()

    def _take(self, messages: List[mcap.Message], is_hard: bool) -> None:
        time_ns = messages[0].time_ns
        if is_hard:
            self._hard_ns = time_ns
        # a wall clock may be set back
        if self._hard_ns is not None and abs(time_ns - self._hard_ns) <= self._around_ns:
            self._keep_waiting(self._hard_ns)
            self._append(messages)
        else:
            self._let_wait(messages, time_ns)

    def _keep_waiting(self, hard_ns: int) -> None:
        """Where the disk takes no more, the others wait for the next that is kept."""
        self._drop_old(hard_ns)
        while self._waiting:
            self._append(self._waiting[0])
            self._waiting_bytes -= size_of(self._waiting.popleft())

    def _let_wait(self, messages: List[mcap.Message], time_ns: int) -> None:
        self._waiting.append(messages)
        self._waiting_bytes += size_of(messages)
        self._drop_old(time_ns)

    def _drop_old(self, time_ns: int) -> None:
        while self._waiting and (
            self._waiting_bytes > MOST_WAITING_BYTES
            or abs(time_ns - self._waiting[0][0].time_ns) > self._around_ns
        ):
            self._waiting_bytes -= size_of(self._waiting.popleft())
            self.passed_over += 1


class _Judge:
    """Says what is hard about a result of one camera, by those before it."""

    def __init__(self) -> None:
        self._before: Optional[Result] = None
        self._uncertainties: Deque[float] = deque(maxlen=USUAL)

    def reasons(self, result: Result, facts: Facts) -> List[str]:
        reasons = [*facts.alarms, *(["stale"] if facts.stale else [])]
        if facts.health is not None and facts.health.verdict != OK:
            reasons.append(facts.health.verdict)
        if self._stands_out(result.uncertainty(self._before)):
            reasons.append("doubt")
        self._before = result
        return reasons

    def _stands_out(self, uncertainty: float) -> bool:
        usual = float(np.median(self._uncertainties)) if len(self._uncertainties) >= FEWEST else 1.0
        self._uncertainties.append(uncertainty)
        return uncertainty > max(LEAST_UNCERTAINTY, STANDS_OUT * usual)
