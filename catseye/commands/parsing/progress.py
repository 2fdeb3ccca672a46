"""How far a long piece of work is: a bar on a terminal, a line now and then elsewhere; always on
standard error.

Knows counts and the clock; not what is counted. Boards have no library for it.
"""

import logging
import shutil
import sys
import time
from typing import Callable, Iterator, Optional, Sequence, TypeVar

from catseye.runtime.clock.span import clock_time
from catseye.runtime.closing import Closing

ItemT = TypeVar("ItemT")

BAR_EVERY_S, LINE_EVERY_S = 0.2, 30.0
BAR = 20  # letters
CLEAR = "\r\x1b[K"

log = logging.getLogger("catseye")
_on_terminal = False  # whether a bar stands in the terminal's last line


class Progress(Closing):
    """The progress of one piece of work, in a `with` block; nothing with -q."""

    def __init__(
        self, what: str, total: Optional[int] = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """total: how many there are, None where nobody knows."""
        self._what, self._total, self._clock = what, total, clock
        self._begun_s = self._told_s = clock()
        self._is_terminal = sys.stderr is not None and sys.stderr.isatty()
        self._every_s = BAR_EVERY_S if self._is_terminal else LINE_EVERY_S

    def show(self, done: int) -> None:
        """Tell that so many are done, unless that has just been told."""
        now_s = self._clock()
        if now_s - self._told_s < self._every_s or not log.isEnabledFor(logging.INFO):
            return
        self._told_s = now_s
        words = self._words(done, now_s - self._begun_s)
        if self._is_terminal:
            _put_bar(words)
        else:
            print(words, file=sys.stderr)

    def close(self) -> None:
        """Take the bar away."""
        hide_bar()

    def _words(self, done: int, seconds: float) -> str:
        rate = done / seconds
        if not self._total or done > self._total:  # a container's guess of its length
            return "%s: %d, %.1f per second" % (self._what, done, rate)
        share = done / self._total
        full = int(share * BAR)
        bar = "|%s%s| " % ("#" * full, " " * (BAR - full)) if self._is_terminal else ""
        left = clock_time((self._total - done) / rate) if done else "?"
        counts = (self._what, 100 * share, bar, done, self._total, rate, left)
        return "%s: %3.0f %% %s%d of %d, %.1f per second, %s left" % counts


def watched(items: Sequence[ItemT], what: str) -> Iterator[ItemT]:
    """The items one by one, told how many are done."""
    with Progress(what, len(items)) as progress:
        for done, item in enumerate(items):
            progress.show(done)
            yield item


def hide_bar() -> None:
    """Make room for other words; the bar comes again by itself."""
    global _on_terminal
    if _on_terminal:
        _on_terminal = False
        sys.stderr.write(CLEAR)
        sys.stderr.flush()


def _put_bar(words: str) -> None:
    global _on_terminal
    _on_terminal = True
    width = shutil.get_terminal_size().columns - 1
    sys.stderr.write(CLEAR + words[:width])
    sys.stderr.flush()
