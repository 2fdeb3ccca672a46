"""The latency budget: which results are stale, and when so many in a row are that somebody must be
told.

Knows ages in milliseconds; not where they come from or who is told.
"""

import logging
from typing import NamedTuple, Optional

log = logging.getLogger("catseye")

ALARM_AFTER = 30  # stale results in a row: a second of a usual camera
TOLERATED_STALE = 0.05  # share of results older than the budget that a busy machine may have


class BudgetCheck(NamedTuple):
    """stale: this result was older than the budget.  alarm: so were as many before it as raise the
    alarm."""

    stale: bool
    alarm: bool


class Budget:
    """Judges every result's age in turn."""

    def __init__(
        self,
        budget_ms: Optional[float] = None,
        alarm_after: int = ALARM_AFTER,
        camera: str = "",
    ) -> None:
        """budget_ms: None where nothing is too old.  camera: whose results these are."""
        self._of = " of camera " + camera if camera else ""
        self.budget_ms, self.alarm_after = budget_ms, alarm_after
        self.results = self.stale = self.alarms = 0
        self._in_a_row = 0

    def check(self, age_ms: float) -> BudgetCheck:
        """Count this result; the first alarm of a row is logged."""
        stale = self.budget_ms is not None and age_ms > self.budget_ms
        self._in_a_row = self._in_a_row + 1 if stale else 0
        self.results, self.stale = self.results + 1, self.stale + stale
        if self._in_a_row == self.alarm_after:
            self.alarms += 1
            log.warning(
                "alarm: %d results in a row%s were older than %g ms, the newest %.0f ms",
                self._in_a_row,
                self._of,
                self.budget_ms,
                age_ms,
            )
        return BudgetCheck(stale, self._in_a_row >= self.alarm_after)

    @property
    def missed(self) -> bool:
        """Whether there was an alarm, or more than one result in twenty was stale."""
        return self.alarms > 0 or self.stale > TOLERATED_STALE * self.results
