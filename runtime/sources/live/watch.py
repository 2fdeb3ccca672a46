"""Keeps a camera going: one thread reads it, one watches the clock, and what fails is opened again
with patience.

Knows threads, time-outs and backoff; not which camera it is, nor who takes the pictures. A read
that hangs in a driver cannot be ended from outside: its thread is left behind and gives its camera
back when the driver lets go.
"""

import logging
import threading
import time
from typing import Callable, Dict, List, Optional

from catseye.runtime.clock.moment import monotonic_ns, now
from catseye.runtime.clock.waits import Event, joined
from catseye.runtime.errors import SourceError
from catseye.runtime.sources.faults import (
    FAULTS,
    KEY_FRAME,
    LOST,
    STALLED,
    CameraFault,
    Limits,
    Notice,
)
from catseye.runtime.sources.live.camera import LONGEST_WAIT_FOR_KEY_FRAME_S, Camera, Shot
from catseye.runtime.sources.live.frame_check import FrameCheck

log = logging.getLogger("catseye")

WAKE_S = 0.1  # how soon the clock is looked at, and a stop noticed
# between attempts, doubling; a good picture starts again
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 5.0
# threads left behind in a driver before no more are started: each holds memory and a descriptor
MOST_HUNG = 3


def opened_within(open_camera: Callable[[], Camera], seconds: float, description: str) -> Camera:
    """The camera; raises CameraFault where opening takes longer; what opens too late is closed
    again."""
    reader = Reader(open_camera, lambda shot: None, opens_only=True)
    reader.start()
    if not reader.done.wait(seconds):
        with reader.lock:
            reader.abandoned = True
            if reader.camera is None:
                raise CameraFault(
                    STALLED,
                    "%s has not opened after %g s" % (description, seconds),
                    "a camera that answers",
                    "check its cable, power and network",
                )
    if reader.error is not None:
        raise reader.error
    assert reader.camera is not None
    return reader.camera


class Reader(threading.Thread):
    """Opens a camera and hands its pictures on, until it ends, fails or is abandoned."""

    def __init__(
        self,
        open_camera: Callable[[], Camera],
        take: Callable[[Shot], None],
        opens_only: bool = False,
    ) -> None:
        super().__init__(name="camera", daemon=True)
        self._open_camera, self._take, self._opens_only = open_camera, take, opens_only
        self.camera: Optional[Camera] = None
        self.error: Optional[BaseException] = None
        self.abandoned = False  # set by whoever has stopped waiting
        self.lock = threading.Lock()
        self.done = Event()
        self.alive_s = time.monotonic()  # when it last came back from the driver

    def run(self) -> None:
        try:
            camera = self._open_camera()
            with self.lock:
                self.camera = camera
                keep = self._opens_only and not self.abandoned
            if not keep:
                self._read_all(camera)
        except BaseException as error:  # told to whoever waits, who can handle it
            self.error = error
        finally:
            self.done.set()

    def abandon(self) -> None:
        """Stop waiting for it, and end its read where the camera can."""
        self.abandoned = True
        if self.camera is not None:
            self.camera.interrupt()

    def _read_all(self, camera: Camera) -> None:
        try:
            while not self.abandoned:
                self.alive_s = time.monotonic()
                shot = camera.read()
                if shot is None:
                    return
                if not self.abandoned:
                    self._take(shot)
        finally:
            camera.close()


class Watch(threading.Thread):
    """The life of a camera: read, judged, and where `reopen` is given opened again after every
    fault."""

    def __init__(
        self,
        camera: Camera,
        description: str,
        reopen: Optional[Callable[[], Camera]],
        limits: Limits,
        put: Callable[[Shot, bool], None],
    ) -> None:
        """put: called in another thread with every picture and whether it is good enough to be
        looked at."""
        super().__init__(name="watch", daemon=True)
        self._first: Optional[Camera] = camera
        self._description, self._reopen, self._limits, self._put = description, reopen, limits, put
        self._frame_check = FrameCheck(limits)
        self._readers: List[Reader] = []  # the one that reads, and those that hang
        self._good = self._counted = False
        self._seen = now()  # its last good picture
        self.stopping = False
        self.ended = False
        self.error: Optional[BaseException] = None
        self.notice: Optional[Notice] = None
        self._outage: List[str] = []  # the faults since the notice, each change one
        self.faults: Dict[str, int] = dict.fromkeys(FAULTS, 0)

    def run(self) -> None:
        try:
            self._keep_going()
        except BaseException as error:  # raised again in the loop
            self.error = error
        finally:
            self.ended = True

    def close(self, seconds: float) -> None:
        """End, and wait at most so long for the camera to be closed: a driver that hangs is left
        behind."""
        self.stopping = True
        if self.ident is None:  # never started: the thread that would close the camera never ran
            self._close_first()
            return
        until_s = time.monotonic() + seconds
        for thread in [self] + self._readers:
            joined(thread, max(0.0, until_s - time.monotonic()))

    def _close_first(self) -> None:
        first, self._first = self._first, None
        if first is not None:
            first.close()

    def _keep_going(self) -> None:
        pause_s = FIRST_PAUSE_S
        fault = self._attempt()
        while fault is not None and not self.stopping:
            if self._reopen is None:
                raise fault
            self._report(fault)
            pause_s = FIRST_PAUSE_S if self._good else min(2 * pause_s, LONGEST_PAUSE_S)
            self._sleep(pause_s)
            fault = None if self.stopping else self._attempt()

    def _attempt(self) -> Optional[CameraFault]:
        """One life of the camera; the fault that ended it, None where it is over."""
        self._good = False
        self._frame_check.camera_opens()
        self._readers = [reader for reader in self._readers if reader.is_alive()]
        if len(self._readers) >= MOST_HUNG:
            return CameraFault(STALLED, "%d reads hang in the driver" % len(self._readers))
        reader = Reader(self._opened, self._take)
        self._readers.append(reader)
        reader.start()
        while not reader.done.wait(WAKE_S):
            fault = self._silence_of(reader)
            if self.stopping or fault is not None:
                reader.abandon()
                return None if self.stopping else fault
        if reader.error is None or self.stopping:
            return None
        return _as_fault(reader.error, opening=reader.camera is None)

    def _silence_of(self, reader: Reader) -> Optional[CameraFault]:
        """What is wrong where a read or an opening takes too long; waiting for a key frame is told
        and borne."""
        silent_s = time.monotonic() - reader.alive_s
        if silent_s <= (self._limits.open_s if reader.camera is None else self._limits.read_s):
            return None
        if reader.camera is None:
            return CameraFault(STALLED, "it has not opened for %.1f s" % silent_s)
        if reader.camera.awaits_key_frame and silent_s <= LONGEST_WAIT_FOR_KEY_FRAME_S:
            self._report(CameraFault(KEY_FRAME, "packets come, but no key frame to begin with yet"))
            return None
        return CameraFault(STALLED, "it has given no picture for %.1f s" % silent_s)

    def _opened(self) -> Camera:
        first, self._first = self._first, None
        if first is not None:
            return first
        assert self._reopen is not None
        return self._reopen()

    def _take(self, shot: Shot) -> None:
        """In the reader's thread: judge a picture and hand it on."""
        before = self._frame_check.bad
        accepted = self._frame_check.accepts(shot.image, time.monotonic())
        if accepted:
            self._recover()  # a black picture that is borne is no outage yet
            if not self._frame_check.bad:
                self._good, self._seen = True, shot.taken
        elif self._frame_check.bad != before and self.notice is None:
            # a picture or a few: dropped, no reason to open the camera again
            self.faults[self._frame_check.bad] += 1
            self._counted = True
        self._put(shot, accepted)

    def _recover(self) -> None:
        self._counted = False
        if self.notice is not None:
            lasted_s = (monotonic_ns() - self._seen.monotonic_ns) / 1e9
            log.warning(
                "%s is back after %.1f s (%s)",
                self._description,
                lasted_s,
                ", then ".join(self._outage),
            )
            self.notice, self._outage = None, []

    def _report(self, fault: CameraFault) -> None:
        """Tell and count a fault when it begins, and when it becomes another, and tell when its
        reason does; not with every attempt to get the camera back."""
        is_same = self.notice is not None and self.notice.fault == fault.fault
        if is_same and self.notice is not None and fault.reason in ("", self.notice.reason):
            return
        self.faults[fault.fault] += 0 if self._counted or is_same else 1
        self._counted = False
        is_over = fault.fault != KEY_FRAME
        log.warning(
            "%s: %s (%s)%s", self._description, fault, fault.fault, "; trying again" * is_over
        )
        self._outage += [] if is_same else [fault.fault]
        self.notice = Notice(fault.fault, self._seen.wall_ns, dict(self.faults), fault.reason)

    def _sleep(self, seconds: float) -> None:
        until_s = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < until_s:
            time.sleep(min(WAKE_S, max(0.0, until_s - time.monotonic())))


def _as_fault(error: BaseException, opening: bool) -> CameraFault:
    """What ended a life, as a fault; what opening again cannot fix is raised."""
    if isinstance(error, CameraFault):
        return error
    # the device or the server is not there, for now
    if opening and isinstance(error, SourceError):
        return CameraFault(LOST, error.found, error.expected, error.fix, reason=error.found)
    raise error
