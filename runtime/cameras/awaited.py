"""A camera that was not there when the run began: it is asked for until it comes, while the others
go on.

Knows when to try again, and what to tell meanwhile; not which camera it is.
"""

import logging
import threading
from typing import Callable, Dict, Optional

from catseye.runtime.clock.waits import Event, joined
from catseye.runtime.errors import CatseyeError, SourceError
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.sources import Source
from catseye.runtime.sources.base import CameraSource
from catseye.runtime.sources.faults import LOST, Notice

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 5.0  # between attempts, doubling
CLOSE_TIMEOUT_S = 2.0  # an opening that hangs is left behind, and closes what it opens

log = logging.getLogger("catseye")


class AwaitedSource(CameraSource):
    """Stands for a camera until it opens, and then passes its frames on; `lost` until then.

    why: it did not open at first.
    """

    def __init__(
        self, open_camera: Callable[[], Source], description: str, why: SourceError
    ) -> None:
        """open_camera: raises SourceError while it is not there, as it did with `why`."""
        self.description, self.why = description, why
        self.repeats_itself = True  # it may turn out to be a stream
        self._open_camera = open_camera
        self._camera: Optional[CameraSource] = None
        self._notice: Optional[Notice] = Notice(LOST, now_ns(), {LOST: 1}, why.found)
        self._stopping = Event()
        self._thread = threading.Thread(target=self._wait, name="awaited", daemon=True)

    @property
    def notice(self) -> Optional[Notice]:
        return self._notice if self._camera is None else self._camera.notice

    @property
    def faults(self) -> Dict[str, int]:
        faults = {} if self._camera is None else self._camera.faults
        return dict(faults, **{LOST: faults.get(LOST, 0) + 1})

    @property
    def is_over(self) -> bool:
        return self._stopping.is_set() or (self._camera is not None and self._camera.is_over)

    def start(self) -> None:
        self._thread.start()

    def newest(self) -> Optional[Frame]:
        return None if self._camera is None else self._camera.newest()

    def stop(self) -> None:
        self._stopping.set()
        if self._camera is not None:
            self._camera.stop()

    def close(self) -> None:
        self._stopping.set()
        if self._thread.ident is not None:
            joined(self._thread, CLOSE_TIMEOUT_S)
        if self._camera is not None:
            self._camera.close()

    def _wait(self) -> None:
        """The thread: try until it opens."""
        pause_s = FIRST_PAUSE_S
        while not self._stopping.wait(pause_s):
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            try:
                if self._opened():
                    return
            except CatseyeError as error:
                self._tell(error)

    def _opened(self) -> bool:
        """Whether the camera is here now. Raises SourceError where it is not, or is none."""
        camera = self._open_camera()
        if self._stopping.is_set() or not isinstance(camera, CameraSource):
            camera.close()
            if not self._stopping.is_set():
                raise SourceError("%s gives a video file" % self.description, "a camera")
            return True
        camera.on_frame = lambda: self.on_frame()
        camera.start()
        self._camera = camera
        log.warning("%s is there now", self.description)
        return True

    def _tell(self, error: CatseyeError) -> None:
        """Once for each reason."""
        assert self._notice is not None
        if error.found != self._notice.reason:
            log.warning("%s: %s; trying again", self.description, error)
            self._notice = self._notice._replace(reason=error.found)
