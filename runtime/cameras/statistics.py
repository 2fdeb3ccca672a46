"""What a run came to, camera by camera and in all. Knows numbers; not where they come from."""

from collections import Counter
from typing import Dict, NamedTuple, Optional, Sequence, Tuple

from catseye.runtime.account import Account
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.timing import STAGES, merged_percentiles


class Statistics(NamedTuple):
    """What a run, or one camera of it, came to.

    frames: results that every sink took.  fps: those per second, start to end.  alarms: how often
    so many results in a row were stale that it was told.  budget_missed: an alarm, or more than one
    result in twenty stale, of any camera.  counted_from: what ages count from: capture, arrival, or
    arrival plus --camera-delay; arrival, where that of any result did.  raised: how often each
    alarm of --when was.  faults: of the camera, by kind.  health: frames by verdict.  age_ms,
    stages_ms: p50, p95, p99 of the newest ones.  camera: its name, "" for all.  cameras: of each of
    several, in the order they were given; () for a lone one.
    """

    source: str
    task: str
    frames: int
    skipped: int
    stale: int
    alarms: int
    budget_ms: Optional[float]
    budget_missed: bool
    counted_from: str
    raised: Dict[str, int]
    faults: Dict[str, int]
    health: Dict[str, int]
    seconds: float
    fps: float
    age_ms: Dict[str, float]
    stages_ms: Dict[str, Dict[str, float]]
    camera: str = ""
    cameras: Tuple["Statistics", ...] = ()

    def as_json(self) -> JsonObject:
        return dict(self._asdict(), cameras=[each.as_json() for each in self.cameras])


def statistics_of(accounts: Sequence[Account], task: str, seconds: float) -> Statistics:
    """Of all cameras of a run, those of each among them where there are several."""
    each = tuple(_statistics(accounts[at : at + 1], task, seconds) for at in range(len(accounts)))
    if len(each) == 1:
        return each[0]
    return _statistics(accounts, task, seconds)._replace(camera="", cameras=each)


def _statistics(accounts: Sequence[Account], task: str, seconds: float) -> Statistics:
    frames = sum(account.frames for account in accounts)
    budgets = [account.budget for account in accounts]
    raised: Dict[str, int] = Counter()
    faults: Dict[str, int] = Counter()
    health: Dict[str, int] = Counter()
    for account in accounts:
        raised.update(account.raised)
        faults.update(account.source.faults)
        health.update(account.verdicts)
    return Statistics(
        source=", ".join(account.source.description for account in accounts),
        task=task,
        frames=frames,
        skipped=sum(account.skipped for account in accounts),
        stale=sum(budget.stale for budget in budgets),
        alarms=sum(budget.alarms for budget in budgets),
        budget_ms=budgets[0].budget_ms,
        budget_missed=any(budget.missed for budget in budgets),
        counted_from=", ".join(sorted({account.counted_from for account in accounts})),
        raised=dict(raised),
        faults=dict(faults),
        health=dict(health),
        seconds=seconds,
        fps=frames / seconds if seconds else 0.0,
        age_ms=merged_percentiles([account.ages for account in accounts]),
        stages_ms={
            stage: merged_percentiles([account.timers.series(stage) for account in accounts])
            for stage in STAGES
        },
        camera=accounts[0].camera,
    )
