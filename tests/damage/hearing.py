"""A call's exit code, its words on stderr and its memory, and what they come to.

Knows the promise: one line and exit code 2, or the answer of the whole file, within its own memory.
Works only where stderr is a file of the process's own (worker.py).
"""

import os
import re
import resource
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from catseye.__main__ import main
from catseye.runtime.errors import CatseyeError

REFUSED, UNCHANGED, OTHER = "refused", "unchanged", "OTHER ANSWER"
TRACEBACK, NO_LINE, MEMORY, CRASH = "traceback", "not one line", "memory", "crash"
OUTCOMES = (REFUSED, UNCHANGED, OTHER, TRACEBACK, NO_LINE, MEMORY, CRASH)
BAD = OUTCOMES[2:]

BOUND = 256 << 20  # bytes above what the whole file takes
ADDRESSES = 3 << 30  # bytes of address space that a case may take; threads reserve much of it
OUT_OF_MEMORY = re.compile(r"MemoryError|bad_alloc|nable to allocate|cannot allocate|ut of memory")
OURS = "catseye: "
# what libraries print past us
NATIVE = re.compile(r"libpng|Warning:|\.(?:cpp|cc|h):\d|^\[")

Call = Callable[[], tuple[int, Any]]  # gives exit code and answer


class Heard(NamedTuple):
    """What one call said. code: None where it raised.  words: stderr, and the traceback where it
    raised. peak: bytes above what the process held before."""

    code: int | None
    answer: Any
    words: str
    peak: int


class Outcome(NamedTuple):
    """What a case came to. detail: what was broken; for a bad one also what was said."""

    what: str
    detail: str


def hear(call: Call) -> Heard:
    """Call it with a bound to its memory; (exit code, answer) is what it gives."""
    sys.stderr.flush()
    os.ftruncate(2, 0)
    code, answer, raised = None, None, ""
    with suppress(OSError):  # forget the peak so far, where the system lets us
        Path("/proc/self/clear_refs").write_text("5")
    before, (soft, hard) = _memory("VmHWM"), resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_memory("VmSize") + ADDRESSES, hard))
    try:
        code, answer = call()
    except (Exception, SystemExit):
        raised = traceback.format_exc()
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    sys.stderr.flush()
    return Heard(code, answer, _said() + raised, _memory("VmHWM") - before)


def told(function: Callable[[], Any]) -> tuple[int, Any]:
    """(0, what the function gives), or its error as the command line tells it."""
    try:
        return 0, function()
    except CatseyeError as error:
        print("catseye: %s" % error, file=sys.stderr)
        return error.exit_code, None


def verb(*words: object) -> tuple[int, None]:
    """A command line, run in this process."""
    return main([str(word) for word in words]), None


Same = Callable[[Heard, Heard], bool]


def same_answer(heard: Heard, whole: Heard) -> bool:
    return bool(heard.answer == whole.answer)


def any_answer(heard: Heard, whole: Heard) -> bool:
    """For a file that says of itself that it is whole, so that any answer is its own."""
    return True


class Judge:
    """Compares calls on broken files with the same calls on whole ones, which it makes only where
    there is something to compare."""

    def __init__(self) -> None:
        self._whole: dict[object, Heard] = {}

    def judged(
        self,
        broken: str,
        call: Call,
        key: object,
        whole_call: Call,
        same: Same = same_answer,
    ) -> Outcome:
        """What a call on a broken file comes to.

        key: of `whole_call`, what the whole file is asked.  same: of both calls, whether the answer
        may be given.
        """
        heard = hear(call)
        peak = 0
        if heard.code == 0 or heard.peak > BOUND:
            if key not in self._whole:
                self._whole[key] = hear(whole_call)
                assert self._whole[key].code == 0, self._whole[key].words
            if heard.peak > BOUND:  # it may have been the first to load libraries
                heard = hear(call)
            peak = self._whole[key].peak
        outcome = _without_answer(heard, peak, broken)
        if outcome is not None:
            return outcome
        known = same(heard, self._whole[key])
        return Outcome(UNCHANGED if known else OTHER, broken)


def _without_answer(heard: Heard, honest: int, broken: str) -> Outcome | None:
    """What a call came to that gave no answer, or took more memory than `honest`; None where it
    answered."""
    lines = [line for line in heard.words.splitlines() if line.strip()]
    if heard.peak > honest + BOUND or OUT_OF_MEMORY.search(heard.words):
        words = "%d MB; %s" % (heard.peak >> 20, " ".join(lines[-1:]))
        return Outcome(MEMORY, "%s: %s" % (broken, words[:300]))
    if heard.code is None or "Traceback (most recent" in heard.words:
        return Outcome(TRACEBACK, "%s: %s" % (broken, _innermost(lines)))
    if heard.code == 0:
        return None
    theirs = [line for line in lines if NATIVE.search(line) and not line.startswith(OURS)]
    if heard.code == 2 and (theirs or not lines[-1:] or not lines[-1].startswith(OURS)):
        return Outcome(NO_LINE, "%s: %s" % (broken, " | ".join(lines)[:300]))
    return Outcome(REFUSED, broken)


def worse(one: Outcome, other: Outcome) -> Outcome:
    """The one that stands further right in the table."""
    return max(one, other, key=lambda outcome: OUTCOMES.index(outcome.what))


def _innermost(lines: list[str]) -> str:
    """The error of a traceback with the last place in our own code."""
    places = [line.strip() for line in lines if "catseye/" in line and line.startswith("  File")]
    return " at ".join([lines[-1][:200], *(place.split("catseye/")[-1] for place in places[-1:])])


def _said() -> str:
    return os.pread(2, os.fstat(2).st_size, 0).decode("utf-8", "replace")


def _memory(field: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) << 10
    return 0
