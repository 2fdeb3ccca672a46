"""What is to be said of each camera at any moment, whatever the loop does: a result grows old while
nobody brings a newer one.

Knows the newest result and notice of each camera; not how they are told.
"""

import threading
from typing import Callable, Dict, NamedTuple, Optional, Sequence

from catseye.runtime.account import Facts
from catseye.runtime.control.state import (
    BLIND,
    NO_PICTURE,
    OK,
    UNSURE,
    State,
    limit_ms,
    state_of_age,
)
from catseye.runtime.frame import Frame
from catseye.runtime.sources.faults import Notice
from catseye.runtime.system.json_document import JsonObject


class Newest(NamedTuple):
    """find: makes JSON of the result, which takes its time and may not be wanted."""

    frame: Frame
    facts: Facts
    find: Callable[[], JsonObject]
    task: str = ""

    @property
    def found(self) -> JsonObject:
        """What the result is as JSON."""
        return self.find()


class Statement(NamedTuple):
    """What holds of a camera at one moment.

    newest: None before the first result.  age_ms: of it, now.  until_ns: until when, on the clock
    of time.monotonic, the state stays as good as this; None where it gets no worse by itself.
    """

    camera: str
    state: State
    newest: Optional[Newest]
    age_ms: Optional[float]
    until_ns: Optional[int]

    @property
    def is_usable(self) -> bool:
        """Whether the numbers of the newest result may be told as those of now."""
        return self.state.word in (OK, UNSURE)


class Watchdog:
    """The loop leaves results and notices, another thread asks."""

    def __init__(self, cameras: Sequence[str]) -> None:
        self.cameras = list(cameras)
        self._lock = threading.Lock()
        self._newest: Dict[str, Newest] = {}
        self._notices: Dict[str, Notice] = {}

    def result(self, newest: Newest) -> None:
        """The camera is there."""
        with self._lock:
            self._newest[newest.frame.camera] = newest
            self._notices.pop(newest.frame.camera, None)

    def notice(self, notice: Notice) -> None:
        """It is not, until the next result."""
        with self._lock:
            self._notices[notice.camera] = notice

    def statement(self, camera: str, now_ns: int) -> Statement:
        """now_ns: of the clock of time.monotonic."""
        with self._lock:
            newest, notice = self._newest.get(camera), self._notices.get(camera)
        age_ms = None if newest is None else max(0.0, (now_ns - newest.facts.since_ns) / 1e6)
        if newest is None or age_ms is None or notice is not None:
            state = NO_PICTURE if notice is None else State(BLIND, notice.words)
            return Statement(camera, state, newest, age_ms, None)
        state = state_of_age(age_ms, newest.facts.budget_ms, newest.facts.trust)
        until_ns = newest.facts.since_ns + int(limit_ms(newest.facts.budget_ms) * 1e6)
        is_young = state == newest.facts.trust
        return Statement(camera, state, newest, age_ms, until_ns if is_young else None)
