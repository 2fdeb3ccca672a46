"""PowerLog: what a piece of work costs in watts, heat and slowing down.

    with PowerLog() as log:
        ...
    log.summary().as_json(frames)

`log.reading()` is the newest sample, for those who show it meanwhile.

Asks jtop where it is installed and its service answers, else the kernel (rails.py, heat.py). Knows
the machine, not the work. Where nothing is measured, as on a workstation, the watts are None and
the rest stands.
"""

import threading
import time
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from catseye.jetson.power.heat import hottest_c, over_current_events, slowed_by
from catseye.jetson.power.power_mode import read_power_mode
from catseye.jetson.power.rails import find_rails, total_rails, watts_of
from catseye.runtime.clock.waits import Event
from catseye.runtime.power import PowerReading
from catseye.runtime.system.json_document import JsonObject

# between two samples: a monitor averages over some ten milliseconds, and is asked over a slow bus
EVERY_S = 0.2


class Meter(NamedTuple):
    """name: jtop, sysfs or "".  rails: what `watts` adds up.  close: gives back what it holds."""

    name: str
    rails: Tuple[str, ...]
    watts: Callable[[], Optional[float]]
    close: Callable[[], None]


class PowerSummary(NamedTuple):
    """What the work cost.

    meter: jtop, sysfs or "" where watts are not measured.  rails: what was added.  joules: of the
    whole work. throttling: how often slowing down began, by cooling device.  over_current: events
    counted meanwhile.
    """

    meter: str
    rails: Tuple[str, ...]
    seconds: float
    mean_watts: Optional[float]
    max_watts: Optional[float]
    joules: Optional[float]
    hottest_c: Optional[float]
    throttling: Dict[str, int]
    over_current: int
    power_mode: Optional[str]

    def as_json(self, frames: int) -> JsonObject:
        """Plain JSON types; joules_per_frame where something was measured and there were frames."""
        per_frame = None if self.joules is None or not frames else self.joules / frames
        return dict(self._asdict(), rails=list(self.rails), joules_per_frame=per_frame)

    def words(self, frames: int) -> str:
        """One line for people; "" where the machine tells nothing at all."""
        parts = []
        if self.mean_watts is not None and self.max_watts is not None:
            parts.append("%.1f W, at most %.1f" % (self.mean_watts, self.max_watts))
        if self.joules is not None and frames:
            parts.append("%.3g J per frame" % (self.joules / frames))
        if self.power_mode is not None:
            parts.append("mode %s" % self.power_mode)
        slowed = ["%s %d times" % item for item in sorted(self.throttling.items())]
        slowed += ["over-current %d times" % self.over_current] if self.over_current else []
        if parts or slowed:
            parts += ["%.0f degrees" % self.hottest_c] if self.hottest_c is not None else []
            parts.append("slowed down by " + ", ".join(slowed) if slowed else "never slowed down")
        return "; ".join(parts)


class PowerLog:
    """Samples in a thread from `with` to the end of the block; `summary` may be asked inside it
    too."""

    def __init__(self, root: str = "/", every_s: float = EVERY_S) -> None:
        self._root, self._every_s = root, every_s
        self._meter = Meter("", (), lambda: None, lambda: None)
        self._over_current: Dict[str, int] = {}
        self._samples: List[Tuple[float, float]] = []  # (seconds, watts)
        self._begun_s = self._ended_s = 0.0
        self._hottest_c: Optional[float] = None
        self._slowed: Dict[str, int] = {}
        self._reading = PowerReading()
        self._done = Event()
        self._thread = threading.Thread(target=self._watch, name="power", daemon=True)

    def __enter__(self) -> "PowerLog":
        self._meter = open_meter(self._root)
        self._over_current = over_current_events(self._root)
        self._begun_s = time.monotonic()
        self._sample()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._sample()
        self._ended_s = time.monotonic()
        self._meter.close()

    def reading(self) -> PowerReading:
        """The newest sample; before the block an empty one."""
        return self._reading

    def summary(self) -> PowerSummary:
        """What it came to so far."""
        seconds = (self._ended_s or time.monotonic()) - self._begun_s
        samples = list(self._samples)
        joules = joules_of(samples)
        mean = joules / (samples[-1][0] - samples[0][0]) if joules else None
        events = sum(
            count - self._over_current.get(name, 0)
            for name, count in over_current_events(self._root).items()
        )
        highest = max(watts for _, watts in samples) if mean is not None else None
        return PowerSummary(
            meter=self._meter.name,
            rails=self._meter.rails,
            seconds=seconds,
            mean_watts=mean,
            max_watts=highest,
            joules=joules,
            hottest_c=self._hottest_c,
            throttling=dict(self._slowed),
            over_current=events,
            power_mode=self._mode(),
        )

    def _watch(self) -> None:
        while not self._done.wait(self._every_s):
            self._sample()

    def _sample(self) -> None:
        watts, celsius, slowed = self._meter.watts(), hottest_c(self._root), slowed_by(self._root)
        if watts is not None:
            self._samples.append((time.monotonic(), watts))
        if celsius is not None:
            self._hottest_c = max(celsius, self._hottest_c or celsius)
        for name in slowed:
            if name not in self._reading.slowed_by:
                self._slowed[name] = self._slowed.get(name, 0) + 1
        self._reading = PowerReading(watts, celsius, tuple(slowed), self._mode())

    def _mode(self) -> Optional[str]:
        mode = read_power_mode(self._root)
        return str(mode) if mode else None


def joules_of(samples: List[Tuple[float, float]]) -> Optional[float]:
    """The area under (seconds, watts), by trapezoids; None for fewer than two samples."""
    if len(samples) < 2:
        return None
    return sum(
        (later - sooner) * (before + after) / 2
        for (sooner, before), (later, after) in zip(samples, samples[1:])
    )


def open_meter(root: str) -> Meter:
    """The best one here; on a machine without any, one that answers None."""
    jtop = _open_jtop() if root == "/" else None
    if jtop is not None:
        return Meter("jtop", ("tot",), lambda: _watts_of_jtop(jtop), jtop.close)
    rails = total_rails(find_rails(root))
    names = tuple(rail.name for rail in rails)
    return Meter("sysfs" if rails else "", names, lambda: watts_of(rails, root), lambda: None)


def _open_jtop() -> Any:
    """jtop, started; None where it is not installed, its service does not answer, or it is older
    than 4."""
    try:
        import jtop
    except ImportError:
        return None
    try:
        meter = jtop.jtop()
        meter.start()
    except Exception:  # its own errors share no base class across its releases
        return None
    if _watts_of_jtop(meter) is None:
        meter.close()
        return None
    return meter


def _watts_of_jtop(meter: Any) -> Optional[float]:
    """The sum over its rails, which it gives in milliwatts; None where it tells none."""
    try:
        return float(meter.power["tot"]["power"]) / 1e3
    except (KeyError, TypeError, ValueError):
        return None
