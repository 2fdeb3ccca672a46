"""Cameras behind a web server: a motion JPEG stream, and an address that answers with one JPEG at a
time.

Knows pictures and their pace; not how a server is asked (connection.py). Pictures are decoded as
picture files are, and only whole ones. What has come while the last one was decoded is let by but
for the newest, so that a slow machine is never behind its camera.
"""

import time
from collections import deque
from typing import Deque, List, Optional

from catseye.runtime.clock.moment import now
from catseye.runtime.errors import SourceError
from catseye.runtime.picture_files.jpeg import jpeg_size_wh
from catseye.runtime.sources.base import plausible_fps
from catseye.runtime.sources.faults import LOST, CameraFault, Limits
from catseye.runtime.sources.http.connection import Answer, Client
from catseye.runtime.sources.http.multipart import MOST_BYTES, Multipart, Part, taken_at
from catseye.runtime.sources.jpeg import image_from_jpeg
from catseye.runtime.sources.live.camera import Camera, Shot

MOST_PASSED = 100  # pictures that are let by at once
LEARNT_S = 1.0  # for so long arrivals are counted
LEAST_COUNTED = 3  # the first may have waited for us in the camera
LONGEST_LEARNING_S = 5.0


class MotionJpegCamera(Camera):
    """A stream of JPEGs, one after another in one answer. fps: as they arrive; what a server says
    of it is never asked."""

    def __init__(self, answer: Answer, limits: Limits, fps: Optional[float]) -> None:
        """fps: where it is known; None: learnt here, which takes a second, or a few for a slow
        camera. Raises CameraFault where no picture comes."""
        self._answer, self._read_s = answer, limits.read_s
        self._multipart = Multipart(answer.boundary)
        self._waiting: Deque[Part] = deque()  # read, and not handed on yet
        self._parts = 0
        self._fault: Optional[CameraFault] = None
        self.fps = self._learnt_fps(limits.open_s / 2) if fps is None else fps
        self.mode = _mode_of(self._waiting[0].data if self._waiting else b"", self.fps)

    def read(self) -> Optional[Shot]:
        """The newest picture. Raises CameraFault where none comes."""
        part = self._next(time.monotonic() + self._read_s)
        passed = 0
        while part.is_whole and passed < MOST_PASSED:
            newer = self._next_if_there()
            if newer is None:
                break
            if not newer.is_whole:  # for the next call, which tells
                self._waiting.appendleft(newer)
                break
            part, passed = newer, passed + 1
        return Shot(part.taken, image_from_jpeg(part.data), passed)

    def interrupt(self) -> None:
        self._answer.interrupt()

    def close(self) -> None:
        self._answer.close()

    def _next(self, until_s: float) -> Part:
        """The next picture; raises CameraFault where none is there until then (monotonic clock)."""
        part = self._next_at_hand()
        while part is None:
            if self._fault is not None:
                raise self._fault
            self._feed(self._answer.read(until_s))
            part = self._next_at_hand()
        return part

    def _next_if_there(self) -> Optional[Part]:
        """The next picture if it has come already. What goes wrong is for the next call: there is a
        picture to hand on."""
        try:
            part = self._next_at_hand()
            while part is None and self._fault is None and self._answer.is_there():
                # what has begun may have to be waited for: the length of a chunk comes before it
                self._feed(self._answer.read(time.monotonic() + self._read_s))
                part = self._next_at_hand()
        except CameraFault as fault:
            self._fault, part = fault, None
        return part

    def _next_at_hand(self) -> Optional[Part]:
        if self._waiting:
            return self._waiting.popleft()
        try:
            part = self._multipart.next_part()
        except ValueError as error:
            raise self._nonsense(error) from error
        self._parts += part is not None
        return part

    def _feed(self, data: bytes) -> None:
        place = self._answer.address.place
        if not data or self._multipart.is_over:
            raise CameraFault(
                LOST,
                "%s gave no more pictures after %d" % (place, self._parts),
                "a camera that goes on",
                "check its power and network",
            )
        try:
            self._multipart.feed(data, now())
        except ValueError as error:
            raise self._nonsense(error) from error

    def _nonsense(self, error: ValueError) -> CameraFault:
        return CameraFault(LOST, "%s sent %s" % (self._answer.address.place, error))

    def _learnt_fps(self, most_s: float) -> float:
        """Pictures per second, counted from the second one on; they are kept for `read`."""
        until_s = time.monotonic() + min(most_s, LONGEST_LEARNING_S)
        parts, times_s = [self._next(until_s)], [time.monotonic()]
        while times_s[-1] - times_s[0] < LEARNT_S or len(parts) < LEAST_COUNTED:
            try:
                parts.append(self._next(until_s))
            except CameraFault as fault:  # `read` will tell
                self._fault = None if time.monotonic() >= until_s else fault
                break
            times_s.append(time.monotonic())
        self._waiting.extend(parts)
        return fps_of(times_s)


class SnapshotCamera(Camera):
    """An address that is asked again for every picture, so many times a second as is wanted, or as
    the camera is able to answer."""

    def __init__(self, client: Client, first: Answer, limits: Limits, fps: float) -> None:
        """fps: what is wanted. Raises CameraFault where no answer is whole."""
        self._client, self._read_s = client, limits.read_s
        self._shot(first)
        begun_s = time.monotonic()
        self._first: Optional[Shot] = self._asked()
        took_s = time.monotonic() - begun_s
        self.fps = min(fps, 1.0 / max(took_s, 1e-3))
        self._period_s = 1.0 / fps
        self._due_s = begun_s + self._period_s
        self.mode = "single JPEGs, requested %g times a second" % fps

    def read(self) -> Optional[Shot]:
        """The picture of now, when it is time. Raises CameraFault where none comes."""
        first, self._first = self._first, None
        if first is not None:
            return first
        now_s = time.monotonic()
        time.sleep(max(0.0, self._due_s - now_s))
        self._due_s = max(self._due_s, now_s) + self._period_s
        return self._asked()

    def close(self) -> None:
        self._client.close()

    def _asked(self) -> Shot:
        try:
            return self._shot(self._client.get())
        except CameraFault:
            raise
        except SourceError as error:  # it answered before, so it may again
            raise CameraFault(LOST, error.found, error.expected, error.fix) from error

    def _shot(self, answer: Answer) -> Shot:
        taken = taken_at(answer.stamp, now())  # the headers have come: the picture is taken
        data = answer.rest(MOST_BYTES, time.monotonic() + self._read_s)
        self._client.keep(answer)
        return Shot(taken, image_from_jpeg(data))


def fps_of(times_s: List[float]) -> float:
    """Pictures per second by the times of their arrival; the first says little where there are
    more than two."""
    counted = times_s[1:] if len(times_s) >= LEAST_COUNTED else times_s
    lasted_s = counted[-1] - counted[0]
    return plausible_fps((len(counted) - 1) / lasted_s if lasted_s > 0 else 0.0)


def _mode_of(data: bytes, fps: float) -> str:
    size_wh = jpeg_size_wh(data)
    return "%dx%d JPEG, %.3g per second" % (size_wh + (fps,)) if size_wh else ""
