"""What a camera's results mean for who steers by them: how far each is to be trusted, and the
alarms that it raises.

Knows rows and states; not who is told.
"""

from typing import Sequence, Tuple

from catseye.runtime.control.alarms import Alarms, Condition
from catseye.runtime.control.state import state_when_young
from catseye.runtime.frame import Frame
from catseye.runtime.sinks.base import WriteReport
from catseye.runtime.sinks.jsonl import row_of
from catseye.runtime.tasks import Result


class Judge:
    """Follows one camera."""

    def __init__(self, conditions: Sequence[Condition], camera: str = "") -> None:
        self.alarms = Alarms(conditions, camera)

    def judged(
        self, frame: Frame, result: Result, report: WriteReport, failing: Tuple[str, ...]
    ) -> WriteReport:
        """The report with what is to be thought of its result. failing: outputs to a controller
        that fail. Raises CatseyeError for an alarm whose numbers the rows of this run do not have.
        """
        facts = report.facts._replace(
            trust=state_when_young(report.facts.health, result.doubt(), failing)
        )
        if self.alarms.counts:
            row = row_of(frame, result, report.with_facts(facts))
            raised = self.alarms.check(row, _own_time_s(frame, facts.since_ns))
            facts = facts._replace(alarms=raised, alarm_counts=dict(self.alarms.counts))
        return report.with_facts(facts)


def _own_time_s(frame: Frame, since_ns: int) -> float:
    """When the picture was taken: in its film, its recording, or on the clock that nobody sets."""
    if frame.media_time_ns is not None:
        return frame.media_time_ns / 1e9
    return (frame.timestamp_ns if frame.replayed else since_ns) / 1e9
