"""Ctrl-C and SIGTERM as a request: the first lets the frame in hand finish, the second interrupts
at once.

And the other way round for native code that runs for minutes, in which Python would never hear of
them.
"""

import signal
import threading
from contextlib import contextmanager
from types import FrameType
from typing import Callable, Iterator, Optional

ENDING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def ended_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` at the first ending signal inside the block; the next raises KeyboardInterrupt.
    Main thread only."""

    def request(number: int, _: Optional[FrameType]) -> None:
        for ending in ENDING:
            signal.signal(ending, signal.default_int_handler)
        stop()

    before = [(number, signal.signal(number, request)) for number in ENDING]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


class Terminated(KeyboardInterrupt):
    """SIGTERM, where it is heard like Ctrl-C."""


@contextmanager
def terminated_like_interrupted() -> Iterator[None]:
    """Let SIGTERM raise Terminated inside the block, as Ctrl-C raises KeyboardInterrupt; a second
    one ends the process. Outside the main thread nothing changes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _: Optional[FrameType]) -> None:
        signal.signal(number, signal.SIG_DFL)
        raise Terminated

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def ended_at_once() -> Iterator[None]:
    """Let Ctrl-C end the process inside the block, without Python; outside the main thread nothing
    changes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
