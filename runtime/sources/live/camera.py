"""Camera: something that gives pictures one after another, in its own time. Knows nothing of
threads or results."""

from abc import ABC, abstractmethod
from typing import NamedTuple, Optional

import numpy as np

from catseye.runtime.clock.moment import Moment
from catseye.runtime.sources.base import USUAL_FPS

UNDECODED = np.empty((0, 0, 3), np.uint8)


class Shot(NamedTuple):
    """One picture from a camera, and when it was captured.

    taken: by the camera's clock where it tells, else when it arrived.
    image: (H, W, 3) uint8 BGR; UNDECODED, which is empty, where it could not be decoded.  passed:
    how many before it were let by, since this one had come meanwhile.
    """

    taken: Moment
    image: np.ndarray
    passed: int = 0


# how long packets may come without a picture: cameras send a key frame every ten seconds at least
LONGEST_WAIT_FOR_KEY_FRAME_S = 60.0


class Camera(ABC):
    """An open camera, used by one thread at a time. fps: what it promised; mode: what it gives, in
    words."""

    fps = USUAL_FPS
    mode = ""

    @property
    def awaits_key_frame(self) -> bool:
        """Whether it is known that data come, of which no picture can be made yet; asked by another
        thread while one reads."""
        return False

    @abstractmethod
    def read(self) -> Optional[Shot]:
        """Wait for the next picture; None when there will be no more.

        Raises CameraFault where opening it again may help, SourceError where it will not.
        """

    def interrupt(self) -> None:  # noqa: B027 (most drivers have no way)
        """End a read that hangs, from another thread, where that can be done."""

    def close(self) -> None:  # noqa: B027 (not every camera holds something)
        """Give back the device."""
