"""What the rows of a run will hold, known before there is a picture: so that an alarm whose numbers
they do not have is refused at once, and not when a camera that was dead comes back.

Knows that one black picture goes through everything; not what is in a row.
"""

from typing import Sequence

import numpy as np

from catseye.runtime.account import Account
from catseye.runtime.cameras.feed import Feed
from catseye.runtime.control.alarms import Condition, names_of
from catseye.runtime.control.numbers import numbers_of
from catseye.runtime.engines import Engine
from catseye.runtime.frame import Frame
from catseye.runtime.pipeline import result_of
from catseye.runtime.sinks.base import WriteReport
from catseye.runtime.sinks.jsonl import row_of
from catseye.runtime.timing import StageTimers

SIZE_WH = (640, 360)


def check_names(conditions: Sequence[Condition], feed: Feed, engine: Engine) -> None:
    """feed: one that nobody has used, nor will. Raises CatseyeError for a name that its rows do not
    have."""
    if not conditions:
        return
    frame = Frame(np.zeros(SIZE_WH[::-1] + (3,), np.uint8), 0, 0, camera=feed.name)
    timers = StageTimers()
    account = Account(feed.source, timers)
    health = account.health_of(frame)
    result = result_of(frame, feed.task, engine, timers)
    report = WriteReport(frame, result, account.facts(frame, health))
    names_of(conditions, list(numbers_of(row_of(frame, result, report))), feed.name)
