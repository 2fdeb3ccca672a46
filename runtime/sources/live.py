"""Live sources: a thread captures, one slot holds the newest frame, whoever is slow skips.

Knows threads and the one-frame slot; not which camera it is. At most one frame ever waits, so the delay between capture
and result is bounded by one pass of the loop, however slow the engine.
"""

import itertools
import threading
from abc import ABC, abstractmethod
from typing import Iterator, NamedTuple, Optional

import numpy as np

from catseye.runtime.frame import Frame
from catseye.runtime.sources.base import Source

CLOSE_TIMEOUT_S = 2.0  # a camera that hangs must not keep the program from ending
WAKE_S = 0.2  # how soon a wait notices stop(), which may not take the lock inside a signal handler


class Shot(NamedTuple):
    """One picture from a camera, (H, W, 3) uint8 BGR, and when it was captured."""

    timestamp_ns: int
    image: np.ndarray


class Camera(ABC):
    """Something that gives pictures one after another, in its own time; used by one thread."""

    @abstractmethod
    def read(self) -> Optional[Shot]:
        """Wait for the next picture; None when there will be no more; raises CatseyeError where it fails."""

    def close(self) -> None:  # noqa: B027 (not every camera holds something)
        """Give back the device."""


class LiveSource(Source):
    """The newest frame of a camera. `index` counts every captured frame, `skipped` those that nobody took."""

    live = True

    def __init__(self, camera: Camera, description: str, fps: float) -> None:
        self.description, self.fps = description, fps
        self._camera = camera
        self._changed = threading.Condition()
        self._newest: Optional[Frame] = None
        self._error: Optional[BaseException] = None
        self._ended = False
        self._stopping = False
        self._thread = threading.Thread(target=self._capture, name="capture", daemon=True)

    def __iter__(self) -> Iterator[Frame]:
        self._thread.start()
        return iter(self._take, None)

    def stop(self) -> None:
        self._stopping = True

    def close(self) -> None:
        self._stopping = True
        if self._thread.is_alive():
            self._thread.join(CLOSE_TIMEOUT_S)
        elif self._thread.ident is None:  # never iterated: the thread that would close the camera never ran
            self._camera.close()

    def _take(self) -> Optional[Frame]:
        """Wait for a frame nobody has seen; None at the end."""
        with self._changed:
            while self._newest is None and not self._ended and not self._stopping:
                self._changed.wait(WAKE_S)
            frame, self._newest = self._newest, None
            if self._stopping:
                return None
            if frame is None and self._error is not None:
                raise self._error
            return frame

    def _put(self, frame: Frame) -> None:
        with self._changed:
            if self._newest is not None:
                self.skipped += 1
            self._newest = frame
            self._changed.notify()

    def _capture(self) -> None:
        """The thread: keeps reading, so that no driver's queue grows old."""
        try:
            for index in itertools.count():
                shot = None if self._stopping else self._camera.read()
                if shot is None:
                    break
                self._put(Frame(shot.image, index, shot.timestamp_ns))
        except BaseException as error:  # raised again in the loop, where somebody can handle it
            self._error = error
        finally:
            self._camera.close()
            with self._changed:
                self._ended = True
                self._changed.notify()
