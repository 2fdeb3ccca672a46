"""`--keep-hard LOG`: a recording of the frames worth a second look, and of no others.

Knows the signs that a result may be wrong: too late, a frame in bad health, a result that stands
out from those before it. Such a log shows where two models differ, and is what the next one should
be trained on.
"""

from collections import deque
from typing import Collection, Deque, List, Optional

import numpy as np

from catseye.runtime.account import Facts
from catseye.runtime.frame import Frame
from catseye.runtime.health.frame_quality import OK
from catseye.runtime.sinks.background import BackgroundSink
from catseye.runtime.sinks.base import WriteReport
from catseye.runtime.sinks.record import RecordSink
from catseye.runtime.tasks import Result

USUAL = 100  # results whose median uncertainty is the usual one
FEWEST = 10  # before so many, nothing stands out
STANDS_OUT = 2.0  # times the usual uncertainty
LEAST_UNCERTAINTY = 0.02  # below it nothing is doubtful, however calm the others were


class HardFramesSink(BackgroundSink):
    """A log of the hard frames. Each tells why in its row: `hard`, a list of "stale", the health's
    verdict, "doubt"."""

    def __init__(
        self, path: str, fps: float, newest_wins: bool, cameras: Collection[str] = ("",)
    ) -> None:
        record = RecordSink(path, fps, list(cameras))
        super().__init__(record, "record://" + path, newest_wins, cameras)
        self._judges = {camera: _Judge() for camera in cameras}

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        hard = self._judges[frame.camera].reasons(result, report.facts)
        if hard:
            facts = report.facts._replace(hard=tuple(hard))
            super().write(frame, result, report.with_facts(facts))


class _Judge:
    """Says what is hard about a result of one camera, by those before it."""

    def __init__(self) -> None:
        self._before: Optional[Result] = None
        self._uncertainties: Deque[float] = deque(maxlen=USUAL)

    def reasons(self, result: Result, facts: Facts) -> List[str]:
        reasons = ["stale"] if facts.stale else []
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
