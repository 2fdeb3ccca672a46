"""Files one frame ahead: while the engine works on a frame, a thread decodes the next. Order and
number never change.

Knows which sources want that and what time a frame gets; not what is in one. Live sources have a
thread of their own and need none here.
"""

from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Iterator, Optional

from catseye.runtime.clock.moment import now
from catseye.runtime.frame import Frame
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
    taken = now()
    if not frame.replayed and source.keeps_time:
        return frame
    wall_ns = frame.timestamp_ns if frame.replayed else taken.wall_ns
    return frame._replace(timestamp_ns=wall_ns, since_ns=taken.monotonic_ns)
