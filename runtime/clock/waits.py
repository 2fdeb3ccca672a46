"""Waits for other threads that end in time whatever is done to the wall clock.

Before Python 3.11 (late releases of 3.10 have its fix) the time-outs of threading are moments of
the wall clock to the system (sem_timedwait): a clock that is set back by an hour, as at a board's
first contact with a time server, makes a wait of 0.1 s one of an hour. There a pipe and poll() take
the place of the lock that is waited on; from 3.11 on these are threading's own. Knows threading's
insides of Python 3.6 to 3.10, which change no more.
"""

import math
import os
import select
import sys
import threading
import time
from typing import Optional

POLL_S = 0.005  # how soon the end of a thread is noticed


class Bell:
    """One thread waits, another rings; stands for the lock that a Condition waits on."""

    def __init__(self) -> None:
        self._out, self._in = os.pipe()
        self._poll = select.poll()
        self._poll.register(self._out, select.POLLIN)

    def release(self) -> None:
        """Ring; as a Condition calls it."""
        os.write(self._in, b"!")

    def rung_within(self, seconds: float) -> bool:
        """Whether somebody rings before so much time has passed."""
        rung = bool(self._poll.poll(max(0, math.ceil(seconds * 1e3))))
        if rung:
            os.read(self._out, 1)
        return rung

    def silence(self) -> None:
        """Forget a ring that came too late to be waited for."""
        self.rung_within(0)

    def __del__(self) -> None:
        os.close(self._out)
        os.close(self._in)


class _OfThread(threading.local):
    """A thread waits for one thing at a time: it keeps its bell."""

    bell: Optional[Bell] = None


_own = _OfThread()


class BellCondition(threading.Condition):
    """threading.Condition whose time-outs are of the monotonic clock."""

    def wait(self, timeout: Optional[float] = None) -> bool:
        if timeout is None:
            return super().wait()
        bell = _own.bell = _own.bell or Bell()
        waiters, held = self._waiters, self._release_save  # type: ignore[attr-defined]
        waiters.append(bell)
        state = held()
        rung = False
        try:
            rung = bell.rung_within(timeout)
        finally:
            self._acquire_restore(state)  # type: ignore[attr-defined]
            if bell in waiters:
                waiters.remove(bell)
            elif not rung:  # between the end of the wait and the lock
                bell.silence()
        return rung


class BellEvent(threading.Event):
    """threading.Event, likewise."""

    def __init__(self) -> None:
        super().__init__()
        self._cond = BellCondition(threading.Lock())


class BellSemaphore(threading.BoundedSemaphore):
    """threading.BoundedSemaphore, likewise."""

    def __init__(self, value: int = 1) -> None:
        super().__init__(value)
        self._cond = BellCondition(threading.Lock())


class BellTimer(threading.Timer):
    """threading.Timer, likewise."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.finished = BellEvent()


if sys.version_info >= (3, 11):
    Condition = threading.Condition  # one by one, so that they are types
    Event = threading.Event
    Semaphore = threading.BoundedSemaphore
    Timer = threading.Timer
else:
    Condition = BellCondition
    Event = BellEvent
    Semaphore = BellSemaphore
    Timer = BellTimer


def joined(thread: threading.Thread, seconds: float) -> bool:
    """Whether the thread ends within so much time."""
    until_s = time.monotonic() + seconds
    while thread.is_alive() and time.monotonic() < until_s:
        time.sleep(min(POLL_S, max(0.0, until_s - time.monotonic())))
    return not thread.is_alive()
