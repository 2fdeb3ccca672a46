"""How far a training is, for people: one bar for the whole run on a terminal, elsewhere a line
every LINE_S; with -q nothing.

Knows counts and the clock; neither task nor network.
"""

import logging
import sys
import time
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from tqdm import tqdm

from catseye.runtime.clock.span import clock_time

LINE_S = 30.0
BAR = "{desc}{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt}{postfix}"

log = logging.getLogger("catseye")
Item = TypeVar("Item")
Item_co = TypeVar("Item_co", covariant=True)


class Countable(Protocol[Item_co]):
    """Items one by one, of which there are so many."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Item_co]: ...


class Pace:
    """When something was told last, by whichever part of a run."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock, self._told_s = clock, clock()

    def is_due(self) -> bool:
        """Whether that was LINE_S ago, or longer; if so, it is now."""
        now_s = self.clock()
        if now_s - self._told_s < LINE_S:
            return False
        self._told_s = now_s
        return True


PACE = Pace()


def told(text: str) -> None:
    """Say a line on standard error, above a bar that is there."""
    if not _is_quiet():
        tqdm.write(text, file=sys.stderr)


def counted(items: Countable[Item], what: str, pace: Pace = PACE) -> Iterator[Item]:
    """The items one by one, and how many of them are done."""
    bar = tqdm(items, what, leave=False, disable=_hidden())
    for done, item in enumerate(bar):
        if bar.disable and pace.is_due():
            told(f"{what}: {done} of {len(items)}")
        yield item


class WholeRun:
    """A run of `epochs` epochs of `steps` steps each, of which `done` epochs are over."""

    def __init__(
        self,
        epochs: int,
        steps: int,
        done: int = 0,
        effort: Callable[[float], float] = lambda share: 1.0,
        pace: Pace = PACE,
    ) -> None:
        """effort: how long an epoch takes, compared with others, once so much of the run, 0-1, is
        over."""
        self.epochs, self.steps, self._pace = epochs, steps, pace
        efforts = [effort(epoch / epochs) for epoch in range(epochs)]
        self._before = [sum(efforts[:epoch]) for epoch in range(epochs + 1)]  # each epoch
        self._begun_s, self._begun_at = pace.clock(), self._before[min(done, epochs)]
        self._bar = tqdm(
            total=epochs * steps,
            initial=done * steps,
            leave=False,
            disable=_hidden(),
            bar_format=BAR,
        )

    def stepped(self, epoch: int, step: int, loss: float) -> None:
        """So many steps of an epoch, counted from 0, are over; the loss of the last one."""
        over, seconds = epoch * self.steps + step, self._pace.clock() - self._begun_s
        number = min(epoch + 1, self.epochs)  # an elastic center counts its last step as the next
        left = clock_time(self._left(epoch, step, seconds))
        if not self._bar.disable:
            self._bar.set_description(f"epoch {number}/{self.epochs}", refresh=False)
            self._bar.set_postfix_str(f"loss {loss:.3f}, {left} left", refresh=False)
            self._bar.update(over - self._bar.n)
        elif self._pace.is_due():
            told(
                f"epoch {number} of {self.epochs}, step {step} of {self.steps}"
                f" ({over} of {self.epochs * self.steps}), loss {loss:.3f},"
                f" {clock_time(seconds)} so far, about {left} left"
            )

    def close(self) -> None:
        """Take the bar away."""
        self._bar.close()

    def _left(self, epoch: int, step: int, seconds: float) -> float:
        """Seconds to the end of the run, by what was done in those that are over."""
        begun, ended = (self._before[min(each, self.epochs)] for each in (epoch, epoch + 1))
        at = begun + (ended - begun) * step / self.steps
        return seconds * (self._before[-1] - at) / max(at - self._begun_at, 1e-9)


def _hidden() -> bool | None:
    """tqdm's `disable`: None shows a bar on terminals only."""
    return True if _is_quiet() else None


def _is_quiet() -> bool:
    """Whether somebody turned the log down, as -q does; one that nobody set up is not quiet."""
    return log.level > logging.INFO
