"""Ctrl-C and SIGTERM as a request: the first lets the frame in hand finish, the second interrupts at once."""

import signal
from contextlib import contextmanager
from types import FrameType
from typing import Callable, Iterator, Optional

ENDING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def ended_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` at the first ending signal inside the block; the next raises KeyboardInterrupt. Main thread only."""

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
