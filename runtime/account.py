"""What is to be said of each result beside what it is: how old, how many frames passed by, in what
health, with which faults of the camera.

Knows frames, their health and the budget; not who is told. The loop of `run` and that of Python
keep one for each camera.
"""

from collections import Counter
from typing import Callable, Dict, NamedTuple, Optional, Tuple

from catseye.runtime.budget import ALARM_AFTER, Budget
from catseye.runtime.clock.moment import ARRIVED, CAPTURED, monotonic_ns
from catseye.runtime.control.state import OK, State, state_of_age
from catseye.runtime.frame import Frame
from catseye.runtime.health.frame_quality import FrameQualityCheck, Health
from catseye.runtime.power import PowerReading
from catseye.runtime.sources import Source
from catseye.runtime.timing import Series, StageTimers

STAGES_BEFORE_WRITE = ("capture", "health", "prepare", "infer", "parse")


class Facts(NamedTuple):
    """How one result came about.

    source: the address that was opened.  age_ms: to now from what `clock` says: `captured`, the
    camera's own time of the picture, or `arrived`, when it reached us or was read, plus what
    --camera-delay adds.  since_ns: the moment that it counts from, on the clock that is never set
    (time.monotonic).  skipped: frames that passed by since the result before.  stale: older than
    the budget.  stages_ms: time of each stage done
    so far.  ages, skipped_in_all: of the whole run up to here.  alarm: so many results in a row
    were stale that somebody must be told.  health: of the frame. faults: of the camera so far, by
    kind; {} for a file.  hard: why the frame is kept by --keep-hard.  power: what the machine
    takes.  budget_ms: None where nobody said.  trust: `ok` or `unsure`, whatever its age.  alarms:
    of --when, those that are raised.  alarm_counts: how often each was.  failing: the sinks that
    fail now.
    """

    source: str
    age_ms: float
    skipped: int
    stale: bool
    stages_ms: Dict[str, float]
    ages: Series
    skipped_in_all: int
    alarm: bool = False
    health: Optional[Health] = None
    faults: Dict[str, int] = {}
    hard: Tuple[str, ...] = ()
    power: PowerReading = PowerReading()
    clock: str = ARRIVED
    since_ns: int = 0
    budget_ms: Optional[float] = None
    trust: State = State(OK)
    alarms: Tuple[str, ...] = ()
    alarm_counts: Dict[str, int] = {}
    failing: Tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """`ok`, `unsure` or `stale`, at the age that the result had."""
        return state_of_age(self.age_ms, self.budget_ms, self.trust)


class Account:
    """Counts the frames of one camera of a run, and tells the Facts of each result.

    camera: its name.  frames: results that every sink took, which the loop counts.  skipped,
    verdicts: so far.
    """

    def __init__(
        self,
        source: Source,
        timers: StageTimers,
        budget_ms: Optional[float] = None,
        alarm_after: int = ALARM_AFTER,
        out_of_distribution: Optional[Callable[[Frame], float]] = None,
        camera: str = "",
        camera_delay_ms: float = 0.0,
    ) -> None:
        """As Pipeline takes them; timers: of the stages, in which health is one."""
        self.camera_delay_ms = camera_delay_ms if source.live else 0.0
        self.clock = ""  # of all results so far: arrived, where that of one is
        self.budget, self.ages = Budget(budget_ms, alarm_after, camera), Series()
        self.camera, self.frames, self.skipped = camera, 0, 0
        self.verdicts: Dict[str, int] = Counter()
        self.raised: Dict[str, int] = {}  # how often each alarm of --when was
        self.source, self.timers = source, timers
        self._quality = FrameQualityCheck(source.repeats_itself)
        self._out_of_distribution = out_of_distribution
        self._last_index = -1
        self._looked_ns = 0

    def health_of(self, frame: Frame) -> Health:
        """Looked at before the frame is, and counted."""
        self._looked_ns = monotonic_ns()
        with self.timers.measure("health"):
            health = self._quality.check(frame.image)
            if self._out_of_distribution is not None:
                health = health.with_out_of_distribution(self._out_of_distribution(frame))
        self.verdicts[health.verdict] += 1
        return health

    def facts(
        self,
        frame: Frame,
        health: Health,
        power: PowerReading = PowerReading(),
        failing: Tuple[str, ...] = (),
    ) -> Facts:
        """Count the result of a frame, and say what is to be said of it. failing: the sinks that
        fail now."""
        since_ns = self._since_ns(frame)
        age_ms = max(0.0, (monotonic_ns() - since_ns) / 1e6)
        # gaps in a replay are the recorder's
        skipped = 0 if frame.replayed else frame.index - self._last_index - 1
        self._last_index = frame.index
        stale, alarm = self.budget.check(age_ms)
        self.skipped += skipped
        self.ages.add(age_ms)
        return Facts(
            source=self.source.description,
            age_ms=age_ms,
            skipped=skipped,
            stale=stale,
            stages_ms=self.timers.newest_ms(STAGES_BEFORE_WRITE),
            ages=self.ages,
            skipped_in_all=self.skipped,
            alarm=alarm,
            health=health,
            faults=self.source.faults,
            power=power,
            clock=frame.clock,
            since_ns=since_ns,
            budget_ms=self.budget.budget_ms,
            failing=failing,
        )

    @property
    def counted_from(self) -> str:
        """What the ages so far count from, in words: `capture`, `arrival plus 50 ms`."""
        if self.clock == CAPTURED:
            return "capture"
        delay = " plus %g ms" % self.camera_delay_ms if self.camera_delay_ms else ""
        return "arrival" + delay

    def _since_ns(self, frame: Frame) -> int:
        """What the age of a frame counts from."""
        self.clock = self.clock if self.clock == ARRIVED else frame.clock
        since_ns = self._looked_ns if frame.since_ns is None else frame.since_ns
        delay_ms = 0.0 if frame.clock == CAPTURED else self.camera_delay_ms
        return since_ns - int(delay_ms * 1e6)
