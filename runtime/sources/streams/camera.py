"""A network stream that FFmpeg reads, as a camera: what lay in wait while it was opened is let by,
waiting for a key frame is told from silence, a size that changed is a fault, and colours are those
that the stream says.

Knows the stream's own time and what the tap saw; not how it is opened again.
"""

import os
import time
from contextlib import suppress
from typing import Optional, Set

import cv2

from catseye.runtime.clock.moment import Moment
from catseye.runtime.errors import SourceError
from catseye.runtime.sources.coding.colours import rightly_coloured
from catseye.runtime.sources.coding.header import codec_of, parameters_told
from catseye.runtime.sources.faults import SIZE, CameraFault, Limits
from catseye.runtime.sources.http.address import address_from_uri
from catseye.runtime.sources.live.camera import LONGEST_WAIT_FOR_KEY_FRAME_S, Shot
from catseye.runtime.sources.live.opencv_camera import OpenCVCamera
from catseye.runtime.sources.motion_jpeg import gives_packets
from catseye.runtime.sources.streams.description import why_not
from catseye.runtime.sources.streams.sender_time import SenderTime
from catseye.runtime.sources.streams.settings import OPENING, ffmpeg_capture
from catseye.runtime.sources.streams.tap import DESCRIPTORS, Tap, connection_among, sockets_open
from catseye.runtime.sources.streams.traffic import Traffic

RECENT_S = 2.0  # packets of a camera with one picture a second still come
# a picture that comes in less than this share of the time between it and the one before has lain in
# wait, and so had that one
IN_TIME = 0.7
SHARE_FOR_ASKING = 0.2  # of the time for opening: why it failed
LONGEST_CATCHING_UP_S = 3.0  # where time stamps make no sense, it ends


class StreamCamera(OpenCVCamera):
    """With a tap where there can be one: RTSP over TCP, on Linux."""

    def __init__(self, capture: "cv2.VideoCapture", origin: str, tap: Optional[Tap] = None) -> None:
        super().__init__(capture, origin, gives_packets(capture))
        self._tap = tap
        self._sender_time = SenderTime(codec_of(capture))
        self._parameters = parameters_told(capture)
        self._opened_s = self._asked_s = time.monotonic()
        self._catches_up = True

    @property
    def awaits_key_frame(self) -> bool:
        """Packets come, and have for most of the time that this picture takes; motion JPEG has
        nothing but key frames."""
        if self._packets or not self._is_fed():
            return False
        assert self._tap is not None
        packet_s = self._tap.traffic.packet_s
        return packet_s - self._asked_s > time.monotonic() - packet_s

    def read(self) -> Optional[Shot]:
        passed = 0
        while True:
            begun_s, media_ms = time.monotonic(), self._capture.get(cv2.CAP_PROP_POS_MSEC)
            shot = super().read()
            self._catches_up = self._catches_up and self._lay_in_wait(
                time.monotonic() - begun_s, self._capture.get(cv2.CAP_PROP_POS_MSEC) - media_ms
            )
            if shot is None or not self._catches_up:
                break
            passed += 1
        self._check_size()
        if shot is None or not shot.image.size:
            return shot
        matrix = self._parameters.matrix if self._parameters else None
        return shot._replace(image=rightly_coloured(shot.image, matrix), passed=passed)

    def interrupt(self) -> None:
        if self._tap is not None:
            self._tap.close()

    def close(self) -> None:
        super().close()
        self.interrupt()

    def _taken(self) -> Moment:
        """By the sender's reports, where they come through."""
        arrived = super()._taken()
        if self._tap is None:
            return arrived
        position_ms, traffic = self._capture.get(cv2.CAP_PROP_POS_MSEC), self._tap.traffic
        return self._sender_time.taken(position_ms, traffic.newest_stamp, traffic.report, arrived)

    def _grab(self) -> bool:
        """A packet that cannot be decoded is no end while others come."""
        self._asked_s = time.monotonic()
        while not super()._grab():
            waited_s = time.monotonic() - self._asked_s
            if not self._is_fed() or waited_s > LONGEST_WAIT_FOR_KEY_FRAME_S:
                return False
        return True

    def _is_fed(self) -> bool:
        return (
            self._tap is not None
            and self._tap.is_alive()
            and time.monotonic() - self._tap.traffic.packet_s < RECENT_S
        )

    def _lay_in_wait(self, took_s: float, between_ms: float) -> bool:
        """Whether a picture was there before it was asked for; took_s: until it came, between_ms:
        from the one before it, by the stream's own clock."""
        too_long = time.monotonic() - self._opened_s > LONGEST_CATCHING_UP_S
        between_s = between_ms / 1000 if 0 < between_ms < 5000 else 1 / self.fps
        return not too_long and took_s < IN_TIME * between_s

    def _check_size(self) -> None:
        """FFmpeg through OpenCV 4.6 and later scales what comes to the first size, or repeats the
        last picture of that size for ever."""
        now = self._tap.traffic.parameters if self._tap is not None else None
        if now is None:
            return
        before, self._parameters = self._parameters or now, now
        if now.size_wh != before.size_wh:
            raise CameraFault(
                SIZE,
                "the stream changed its size from %dx%d to %dx%d" % (before.size_wh + now.size_wh),
            )


def open_by_ffmpeg(address: str, origin: str, transport: str, limits: Limits) -> StreamCamera:
    """The stream as a camera; origin: what errors call it. Raises SourceError where FFmpeg does not
    open it, and why."""
    is_rtsp = address.startswith("rtsp:")
    port = address_from_uri(address).port if is_rtsp else 0
    can_tap = is_rtsp and transport == "tcp" and os.path.isdir(DESCRIPTORS)
    longest_s = LONGEST_WAIT_FOR_KEY_FRAME_S if can_tap else limits.read_s
    open_s = limits.open_s * (1 - SHARE_FOR_ASKING)
    with OPENING:
        before = sockets_open() if can_tap else set()
        capture = ffmpeg_capture(address, transport, open_s, longest_s)
        tap = _tap_of(capture, port, before) if can_tap and capture.isOpened() else None
    if capture.isOpened():
        return StreamCamera(capture, origin, tap)
    raise unopened(address, origin, "FFmpeg", limits)


def unopened(address: str, origin: str, library: str, limits: Limits) -> SourceError:
    """Why `library` has no video from there."""
    if address.startswith("rtsp:"):
        return why_not(address, limits.open_s * SHARE_FOR_ASKING)
    return SourceError(
        "no video from %s" % origin,
        "a running stream that %s reads" % library,
        "try the address in a player; `catseye doctor` shows what OpenCV has",
    )


def _tap_of(capture: "cv2.VideoCapture", port: int, before: Set[int]) -> Optional[Tap]:
    """A tap on the connection that has just been opened, where it can be found."""
    descriptor = connection_among(sockets_open() - before, port)
    if descriptor is None:
        return None
    with suppress(OSError):
        return Tap(descriptor, Traffic(codec_of(capture)))
    return None
