"""TopicSource: the newest image of a topic as Frames. One waits at most; whoever is slow skips, and
skips are counted.

Knows stamps and silence; not ROS, whose executor calls `put` in a thread of its own.
"""

import time
from typing import TYPE_CHECKING, Callable, Dict, Iterator, NamedTuple, Optional, Union

import numpy as np

from catseye.runtime.clock.moment import Moment, now
from catseye.runtime.clock.waits import Condition
from catseye.runtime.frame import Frame, frame_at
from catseye.runtime.sources import Source
from catseye.runtime.sources.faults import STALLED, TRUNCATED, Notice

if TYPE_CHECKING:
    from sensor_msgs.msg import CompressedImage, Image
    from std_msgs.msg import Header

Message = Union["Image", "CompressedImage"]
WAKE_S = 0.1  # how soon a wait notices stop(), which may not take the lock inside a signal handler


class Arrival(NamedTuple):
    """A message, how many came before it, and when it came."""

    message: Message
    index: int  # type: ignore[assignment]  # hides tuple.index
    arrived: Moment


class TopicSource(Source):
    """header: of the frame that was handed over last, for what is published of it."""

    live = keeps_time = True

    def __init__(
        self,
        topic: str,
        image_of: Callable[[Message], Optional[np.ndarray]],
        age_from_stamp: bool,
        silent_s: float,
    ) -> None:
        """image_of: (H, W, 3) uint8 BGR of a message, None where it cannot be decoded.
        age_from_stamp: whether a frame is as old as its header says, or as its arrival.  silent_s:
        without a message after which there is no camera.
        """
        self.description = topic
        self.header: "Optional[Header]" = None
        self._image_of, self._age_from_stamp, self._silent_s = image_of, age_from_stamp, silent_s
        self._changed = Condition()
        self._newest: Optional[Arrival] = None
        self._arrived, self._stopping = 0, False
        self._heard_s, self._heard_ns = time.monotonic(), now().wall_ns
        self._notice: Optional[Notice] = None
        self._faults = {STALLED: 0, TRUNCATED: 0}

    @property
    def notice(self) -> Optional[Notice]:
        return self._notice

    @property
    def faults(self) -> Dict[str, int]:
        return dict(self._faults)

    def put(self, message: Message) -> None:
        """The subscription's callback: replaces the message that nobody has taken."""
        with self._changed:
            self.skipped += self._newest is not None
            self._newest = Arrival(message, self._arrived, now())
            self._arrived += 1
            self._changed.notify()

    def stop(self) -> None:
        self._stopping = True

    def __iter__(self) -> Iterator[Frame]:
        return iter(self._take, None)

    def _take(self) -> Optional[Frame]:
        """Wait for a frame nobody has seen; None at the end."""
        while not self._stopping:
            arrival = self._newest_within(WAKE_S)
            frame = None if arrival is None else self._frame_of(arrival)
            if frame is not None:
                return frame
            self._listen()
            self.on_wait()
        return None

    def _newest_within(self, seconds: float) -> Optional[Arrival]:
        with self._changed:
            if self._newest is None:
                self._changed.wait(seconds)
            arrival, self._newest = self._newest, None
        return arrival

    def _frame_of(self, arrival: Arrival) -> Optional[Frame]:
        image = self._image_of(arrival.message)
        if image is None:
            self._faults[TRUNCATED] += 1
            self.skipped += 1
            return None
        self.header = arrival.message.header
        self._heard_s, self._heard_ns, self._notice = (
            time.monotonic(),
            arrival.arrived.wall_ns,
            None,
        )
        stamp_ns = self.header.stamp.sec * 10**9 + self.header.stamp.nanosec
        taken = arrival.arrived
        if stamp_ns and self._age_from_stamp:
            taken = taken.captured_before(taken.wall_ns - stamp_ns)._replace(wall_ns=stamp_ns)
        return frame_at(taken, image, arrival.index)

    def _listen(self) -> None:
        """Nothing came: after a while that is a fault, told once."""
        if self._notice is None and time.monotonic() - self._heard_s > self._silent_s:
            self._faults[STALLED] += 1
            self._notice = Notice(STALLED, self._heard_ns)
