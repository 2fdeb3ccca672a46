"""Files one frame ahead: while the engine works on a frame, a thread decodes the next. Order and
number never change.

Knows which sources want that and what time a frame gets; not what is in one. Live sources have a
thread of their own and need none here.
"""

from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Iterator, Optional

from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.sources.base import Source
from catseye.runtime.system.prefetch import Prefetched


@contextmanager
def frames_ahead(source: Source, limit: Optional[int]) -> Iterator[Iterator[Frame]]:
    """The source's frames, `limit` at most; when the block ends, nobody reads the source any
    more."""
    if source.live:
        yield islice(source, limit)
        return
    with Prefetched(islice(source, limit), 1, "ahead") as frames:
        yield map(partial(taken, source), frames)  # which holds no frame meanwhile


def taken(source: Source, frame: Frame) -> Frame:
    """A file has no capture to be late for: its frames' time is when they are taken."""
    if frame.read_ns:  # a replay
        return frame._replace(read_ns=now_ns())
    return frame if source.keeps_time else frame._replace(timestamp_ns=now_ns())
