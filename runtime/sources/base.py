"""Source: where Frames come from. Knows nothing of models, results or sinks."""

from abc import ABC, abstractmethod
from functools import partial
from typing import Callable, Dict, Iterator, Optional

import numpy as np

from catseye.runtime.clock.waits import Event
from catseye.runtime.closing import Closing
from catseye.runtime.errors import SourceError
from catseye.runtime.frame import Frame
from catseye.runtime.geometry.camera_model import CameraModel
from catseye.runtime.sources.faults import Notice

USUAL_FPS = 30.0  # where a file or a camera does not tell
WAKE_S = 0.1  # how soon a wait notices an end, which wakes nobody
HIGHEST_FPS = 1000.0  # containers that do not know their rate report 90000 and the like


class Source(Closing, ABC):
    """An open source of Frames: a `with` block, iterated once.

    live: whether frames pass by unless they are taken; a source that is not live never skips.
    skipped: frames that passed by untaken so far.  description: what the user asked for.
    fps: nominal frames per second, above zero.  count: how many frames there will be, as far as
    that is known beforehand.
    keeps_time: whether the timestamps are a capture's; those of a video or a picture are only the
    moment of reading. notice: set while there is no camera.  faults: how often each of them has
    come.
    repeats_itself: whether equal pictures in a row are usual, as where a codec writes only what
    changes. camera_model: where the source tells it, as a recording may. on_wait: called by whoever
    iterates, about ten times a second while it waits for a frame.
    """

    live = False
    keeps_time = False
    repeats_itself = False
    skipped = 0
    description = ""
    fps = USUAL_FPS
    count: Optional[int] = None
    camera_model: Optional[CameraModel] = None
    on_wait: Callable[[], None] = staticmethod(lambda: None)

    @property
    def notice(self) -> Optional[Notice]:
        return None

    @property
    def faults(self) -> Dict[str, int]:
        return {}

    @abstractmethod
    def __iter__(self) -> Iterator[Frame]:
        """Frames in order, until the source ends; raises SourceError where it fails."""

    def stop(self) -> None:  # noqa: B027 (files have nobody waiting)
        """Wake whoever waits for a frame and end; safe in a signal handler."""

    def overwritten_by(self, path: str) -> bool:
        """Whether a sink that writes to `path` would destroy what this source reads."""
        return False

    def close(self) -> None:  # noqa: B027 (not every source holds something)
        """Give back what the source holds; a second call does nothing."""


class CameraSource(Source):
    """A live source, which may also be asked without waiting, as one of several.

    on_frame: called in a thread of the source's when a frame waits.  is_over: whether no more will
    come than what `newest` gives now.
    """

    live = keeps_time = True
    on_frame: Callable[[], None] = staticmethod(lambda: None)

    def __iter__(self) -> Iterator[Frame]:
        wake = Event()
        self.on_frame = wake.set
        self.start()
        return iter(partial(self._frame_within, wake), None)

    def _frame_within(self, wake: Event) -> Optional[Frame]:
        """Wait for a frame nobody has seen; None at the end."""
        while True:
            over = self.is_over  # asked first: a last frame may come before the end does
            frame = self.newest()
            if frame is not None or over:
                return frame
            if not wake.wait(WAKE_S):
                self.on_wait()
            wake.clear()

    @property
    @abstractmethod
    def is_over(self) -> bool: ...

    @abstractmethod
    def start(self) -> None:
        """Begin to capture; once."""

    @abstractmethod
    def newest(self) -> Optional[Frame]:
        """The newest frame, unless somebody has taken it; raises SourceError where the source has
        failed and will give none."""


def plausible_fps(fps: float) -> float:
    """A frame rate that OpenCV reported, or the usual one where that cannot be true (0, NaN,
    90000)."""
    return float(fps) if 0 < fps <= HIGHEST_FPS else USUAL_FPS


def checked_image(image: object, origin: str) -> np.ndarray:
    """`image` if it is (H, W, 3) uint8; raises SourceError naming `origin` otherwise."""
    if (
        not isinstance(image, np.ndarray)
        or image.dtype != np.uint8
        or image.ndim != 3
        or image.shape[2] != 3
    ):
        shape, dtype = getattr(image, "shape", "no shape"), getattr(image, "dtype", "no picture")
        raise SourceError(
            "%s gives frames of %s %s" % (origin, shape, dtype), "(H, W, 3) uint8 colour pictures"
        )
    return image
