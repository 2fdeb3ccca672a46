"""Live sources: a thread captures, one slot holds the newest frame, whoever is slow skips.

Knows the one-frame slot; not which camera it is, nor how it is kept going (watch.py). At most one
frame ever waits, so the delay between capture and result is bounded by one pass of the loop,
however slow the engine.
"""

import logging
import threading
from typing import Callable, Dict, Optional

from catseye.runtime.frame import Frame, frame_at
from catseye.runtime.sources.base import CameraSource
from catseye.runtime.sources.faults import Limits, Notice
from catseye.runtime.sources.live.camera import Camera, Shot
from catseye.runtime.sources.live.watch import Watch, opened_within

log = logging.getLogger("catseye")

CLOSE_TIMEOUT_S = 2.0  # a camera that hangs must not keep the program from ending


class LiveSource(CameraSource):
    """The newest frame of a camera. `index` counts every captured frame, `skipped` those that
    nobody took."""

    def __init__(
        self,
        camera: Camera,
        description: str,
        fps: float,
        reopen: Optional[Callable[[], Camera]] = None,
        limits: Limits = Limits(),
    ) -> None:
        """reopen: opens the camera again after a fault; without it the fault ends the source as an
        error."""
        self.description, self.fps = description, fps
        self.repeats_itself = not limits.freeze_s
        self._lock = threading.Lock()
        self._newest: Optional[Frame] = None
        self._captured = 0
        self._watch = Watch(camera, description, reopen, limits, self._put)

    @property
    def notice(self) -> Optional[Notice]:
        return self._watch.notice

    @property
    def faults(self) -> Dict[str, int]:
        return dict(self._watch.faults)

    def start(self) -> None:
        self._watch.start()

    @property
    def is_over(self) -> bool:
        return self._watch.stopping or self._watch.ended

    def newest(self) -> Optional[Frame]:
        ended = self._watch.ended  # asked first, as is_over is
        with self._lock:
            frame, self._newest = self._newest, None
        if self._watch.stopping:
            return None
        if frame is None and ended and self._watch.error is not None:
            raise self._watch.error
        return frame

    def stop(self) -> None:
        self._watch.stopping = True

    def close(self) -> None:
        self._watch.close(CLOSE_TIMEOUT_S)

    def _put(self, shot: Shot, accepted: bool) -> None:
        """In the camera's thread: what is not taken, or not fit to be, has passed by."""
        with self._lock:
            index = self._captured + shot.passed
            self._captured, self.skipped = index + 1, self.skipped + shot.passed
            if not accepted or self._newest is not None:
                self.skipped += 1
            if accepted:
                self._newest = frame_at(shot.taken, shot.image, index)
        if accepted:
            self.on_frame()


def open_live(open_camera: Callable[[], Camera], description: str, limits: Limits) -> LiveSource:
    """A live source whose camera comes back after faults. Raises SourceError where it does not
    open the first time."""
    camera = opened_within(open_camera, limits.open_s, description)
    if camera.mode:
        log.info("%s gives %s", description, camera.mode)
    return LiveSource(camera, description, camera.fps, open_camera, limits)
