"""When a picture of an RTSP stream was captured, by the sender's own reports of its clock.

A report says which RTP time stamp is which wall-clock time (RFC 3550, 6.4.1). FFmpeg tells the time
stamp of a picture but for a constant, which is the least that the newest packet's is ahead of it:
when a picture is handed out, its own packet may be the newest, none is before it. With H.264 and
H.265 it is the packet behind, since a picture's end is only known by the next one's begin. Knows
numbers; not who sends or decodes.
"""

from collections import deque
from typing import Deque, NamedTuple, Optional

from catseye.runtime.clock.moment import Moment

RATE_HZ = 90000  # of the RTP clock of every video format
LOOKED_AT = 100  # pictures, of which the least is taken
LEAST = 10  # before that nothing is told
CODECS_BEHIND = ("h264", "h265")


class SenderReport(NamedTuple):
    """wall_ns: of the sender, since 1970.  stamp: the RTP time stamp of that moment, unwrapped."""

    wall_ns: int
    stamp: int


class SenderTime:
    """Told of every picture of one connection in turn."""

    def __init__(self, codec: str) -> None:
        self._is_behind = codec in CODECS_BEHIND
        self._ahead: Deque[float] = deque(maxlen=LOOKED_AT)  # ticks of RATE_HZ
        self._before_ms: Optional[float] = None

    def taken(
        self,
        position_ms: float,
        newest_stamp: Optional[int],
        report: Optional[SenderReport],
        arrived: Moment,
    ) -> Moment:
        """position_ms: FFmpeg's of the picture.  newest_stamp: of the newest packet so far, as it
        arrived; None where nobody has seen one."""
        step_ms = 0.0 if self._before_ms is None else max(0.0, position_ms - self._before_ms)
        self._before_ms = position_ms
        if newest_stamp is None:
            return arrived
        position = position_ms * RATE_HZ / 1e3
        self._ahead.append(newest_stamp - position)
        if report is None or len(self._ahead) < LEAST:
            return arrived
        behind = step_ms * RATE_HZ / 1e3 if self._is_behind else 0.0
        ticks = min(self._ahead) + position - behind - report.stamp
        captured_ns = report.wall_ns + int(ticks * 1e9 / RATE_HZ)
        return arrived.captured_before(arrived.wall_ns - captured_ns)
