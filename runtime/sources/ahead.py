"""Files one frame ahead: while the engine works on a frame, a thread decodes the next. Order and number never change.

Knows a source and a queue of one; not what is in a frame. Live sources have a thread of their own and need none here.
"""

import queue
import threading
from contextlib import contextmanager
from itertools import islice
from typing import Any, Iterator, Optional

from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.sources.base import Source

WAKE_S = 0.1  # how soon a thread that waits for room notices that nobody wants more


@contextmanager
def frames_ahead(source: Source, limit: Optional[int]) -> Iterator[Iterator[Frame]]:
    """The source's frames, `limit` at most; when the block ends, nobody reads the source any more."""
    if source.live:
        yield islice(source, limit)
        return
    reader = _Ahead(source, limit)
    reader.start()
    try:
        yield reader.frames()
    finally:
        reader.end()


class _Ahead(threading.Thread):
    """Reads a source to its end or its error, never more than one frame further than was taken."""

    def __init__(self, source: Source, limit: Optional[int]) -> None:
        super().__init__(name="ahead", daemon=True)
        self._source, self._limit = source, limit
        self._waiting: "queue.Queue[Any]" = queue.Queue(1)
        self._stopping = False

    def run(self) -> None:
        try:
            for frame in islice(self._source, self._limit):
                if not self._put(frame):
                    return
            self._put(None)
        except BaseException as error:  # raised again in the loop
            self._put(error)

    def frames(self) -> Iterator[Frame]:
        """In the loop's thread. A file has no capture to be late for: its frames' time is when they are taken."""
        while True:
            frame = self._waiting.get()
            if frame is None:
                return
            if isinstance(frame, BaseException):
                raise frame
            yield self._taken(frame)

    def _taken(self, frame: Frame) -> Frame:
        if frame.read_ns:  # a replay
            return frame._replace(read_ns=now_ns())
        return frame if self._source.keeps_time else frame._replace(timestamp_ns=now_ns())

    def end(self) -> None:
        self._stopping = True
        self.join()

    def _put(self, item: Any) -> bool:
        """Wait for room; False where nobody takes more."""
        while not self._stopping:
            try:
                self._waiting.put(item, timeout=WAKE_S)
                return True
            except queue.Full:
                pass
        return False
