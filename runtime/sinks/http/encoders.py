"""The encoders of a page's films: one for each width that somebody looks at, as long as somebody
does."""

import threading
from collections import Counter
from contextlib import contextmanager
from typing import Dict, Iterator

import numpy as np

from catseye.runtime.coding.h264 import H264Encoder, h264_encoder
from catseye.runtime.model_file.installing import to_install
from catseye.runtime.tasks.letterbox import letterbox

MOST_FPS = 30  # that a viewer's decoder is told to be ready for


class Encoders:
    """Of one camera, by the width that is asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._viewers: "Counter[int]" = Counter()
        self._kept: Dict[int, H264Encoder] = {}

    @contextmanager
    def one_for(self, width: int) -> Iterator[None]:
        """A viewer looks while the block runs."""
        with self._lock:
            self._viewers[width] += 1
        try:
            yield
        finally:
            with self._lock:
                self._viewers[width] -= 1
                if not self._viewers[width]:
                    del self._viewers[width]
                    self._kept.pop(width, None)

    def encoded(self, width: int, picture: np.ndarray) -> bytes:
        """A (H, W, 3) uint8 BGR picture as H.264 that needs no other, for whom `one_for` holds; one
        of another size than the first is fitted into that. One call at a time.

        Raises CatseyeError where nothing encodes it.
        """
        encoder = self._kept.get(width)
        if encoder is None:
            size_wh = picture.shape[1], picture.shape[0]
            encoder = self._kept[width] = H264Encoder(size_wh, fps=MOST_FPS)
        return encoder.encoded(letterbox(picture, encoder.size_wh)[0])


def missing_encoder() -> str:
    """What is missing here for a film and what mends it, in one line; "" where nothing is."""
    if h264_encoder() is not None:
        return ""
    return "no H.264 encoder here: " + to_install('"catseye[video]"')
