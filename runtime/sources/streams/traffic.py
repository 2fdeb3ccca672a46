"""What passes on an RTSP connection, told from its bytes: when packets came, which size the stream
says it has now, and what the sender reports of its clock.

Knows how RTP and RTCP are interleaved with RTSP (RFC 2326, 10.12) and how H.264 and H.265 lie in it
(RFC 6184, RFC 7798); not where the bytes come from. Whatever it cannot read it passes over.
"""

import time
from typing import Iterator, Optional

from catseye.runtime.sources.coding.parameters import parameters_of
from catseye.runtime.sources.coding.picture_parameters import PictureParameters
from catseye.runtime.sources.streams.sender_time import SenderReport

MARK = 0x24  # `$` begins a packet between RTSP's lines
MOST_HELD = 1 << 18  # a packet has under 64 kB
LONGEST_ANSWER = 1 << 16
RTP_VERSION, SENDER_REPORT = 2, 200
NTP_BEGIN_S = 2208988800  # from 1900 to 1970
# NAL units in one packet: their type and how many bytes stand before the first one's length
TOGETHER = {"h264": (24, 1), "h265": (48, 2)}


class Traffic:
    """Fed with all that the server sends. codec: h264, h265, or another of which only the coming of
    packets is told.

    packet_s: monotonic time of the newest packet of the first stream, which FFmpeg asks for as
    channel 0 and which is a camera's picture; 0 before any.  newest_stamp: its RTP time stamp,
    unwrapped.  report: the newest of the sender's on its clock.  parameters: the newest that came.
    """

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._held = bytearray()
        self.packet_s = 0.0
        self.newest_stamp: Optional[int] = None
        self.report: Optional[SenderReport] = None
        self.parameters: Optional[PictureParameters] = None

    def feed(self, data: bytes) -> None:
        self._held += data
        if len(self._held) > MOST_HELD:  # nothing that we know: begin anew
            self._held.clear()
        at = 0
        while at < len(self._held):
            length = self._length(at)
            if length is None or at + length > len(self._held):
                break
            if self._held[at] == MARK:
                self._take(self._held[at + 1], bytes(self._held[at + 4 : at + length]))
            at += length
        del self._held[:at]

    def _length(self, at: int) -> Optional[int]:
        """Of the packet or the answer that begins here; None before that can be told."""
        if self._held[at] == MARK:
            held = self._held[at + 2 : at + 4]
            return 4 + int.from_bytes(held, "big") if len(held) == 2 else None
        if self._held[at : at + 1].isalpha():
            return self._answer_length(at)
        return self._next_mark(at) - at  # a line's end, or out of step

    def _next_mark(self, at: int) -> int:
        found = self._held.find(MARK, at + 1)
        return found if found >= 0 else len(self._held)

    def _answer_length(self, at: int) -> Optional[int]:
        end = self._held.find(b"\r\n\r\n", at, at + LONGEST_ANSWER)
        if end < 0:
            is_none = len(self._held) - at >= LONGEST_ANSWER
            return self._next_mark(at) - at if is_none else None
        for line in bytes(self._held[at:end]).lower().split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name == b"content-length" and value.strip().isdigit():
                return end + 4 - at + int(value)
        return end + 4 - at

    def _take(self, channel: int, packet: bytes) -> None:
        """One packet of RTP (even channels) or RTCP."""
        if channel == 1:
            self._take_reports(packet)
        if channel % 2 or len(packet) < 13 or packet[0] >> 6 != RTP_VERSION:
            return
        if channel == 0:
            self.packet_s = time.monotonic()
            self.newest_stamp = self._unwrapped(int.from_bytes(packet[4:8], "big"))
        if self._codec in TOGETHER:
            for unit in self._units(payload_of(packet)):
                self.parameters = parameters_of(self._codec, unit) or self.parameters

    def _take_reports(self, packet: bytes) -> None:
        """The sender's report among the packets of RTCP that come together (RFC 3550, 6.4.1)."""
        at = 0
        while at + 28 <= len(packet) and packet[at] >> 6 == RTP_VERSION:
            if packet[at + 1] == SENDER_REPORT:
                ntp = int.from_bytes(packet[at + 8 : at + 16], "big")
                stamp = int.from_bytes(packet[at + 16 : at + 20], "big")
                wall_ns = ((ntp >> 32) - NTP_BEGIN_S) * 10**9 + ((ntp & 0xFFFFFFFF) * 10**9 >> 32)
                if ntp >> 32 and self.newest_stamp is not None:
                    self.report = SenderReport(wall_ns, self._unwrapped(stamp))
            at += 4 + 4 * int.from_bytes(packet[at + 2 : at + 4], "big")

    def _unwrapped(self, stamp: int) -> int:
        """32 bits, as near to the newest as may be."""
        if self.newest_stamp is None:
            return stamp
        half = 1 << 31
        return self.newest_stamp + (stamp - self.newest_stamp + half) % (2 * half) - half

    def _units(self, payload: bytes) -> Iterator[bytes]:
        """Whole NAL units: parameters are never cut in pieces."""
        kind, at = TOGETHER[self._codec]
        first = payload[0] if payload else 0
        if (first & 31 if self._codec == "h264" else first >> 1 & 63) != kind:
            yield payload
            return
        while at + 2 < len(payload):
            length = int.from_bytes(payload[at : at + 2], "big")
            yield payload[at + 2 : at + 2 + length]
            at += 2 + length


def payload_of(packet: bytes) -> bytes:
    """What an RTP packet carries (RFC 3550, 5.1)."""
    at = 12 + 4 * (packet[0] & 15)
    if packet[0] & 16:
        at += 4 + 4 * int.from_bytes(packet[at + 2 : at + 4], "big")
    padding = packet[-1] if packet[0] & 32 else 0
    return packet[at : len(packet) - padding]
