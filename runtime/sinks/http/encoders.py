"""The encoders of a page's films: one for each width that somebody looks at, as long as somebody
does."""

import functools
import logging
import os
import tempfile
import threading
from collections import Counter
from contextlib import contextmanager
from typing import Dict, Iterator, Tuple, Union

import numpy as np

from catseye.runtime.coding.h264 import TOLD_FPS, H264Encoder
from catseye.runtime.model_file.installing import to_install
from catseye.runtime.sinks.encoding import Way, chosen_way
from catseye.runtime.sinks.piped import PipedEncoder
from catseye.runtime.tasks.letterbox import letterbox

NEEDED = "gstreamer1.0-plugins-ugly"  # where there is no PyAV: x264enc

Encoder = Union[H264Encoder, PipedEncoder]

log = logging.getLogger("catseye")


class Encoders:
    """Of one camera, by the width that is asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._viewers: "Counter[int]" = Counter()
        self._kept: Dict[int, Encoder] = {}

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
                    self._drop(width)

    def encoded(self, width: int, picture: np.ndarray) -> bytes:
        """A (H, W, 3) uint8 BGR picture as H.264 that needs no other, for whom `one_for` holds; one
        of another size than the first is fitted into that. One call at a time.

        Raises CatseyeError where nothing encodes it; the next picture then begins with a new
        encoder, whoever else still looks.
        """
        encoder = self._kept.get(width)
        if encoder is None:
            size_wh = picture.shape[1], picture.shape[0]
            encoder = self._kept[width] = _opened(size_wh)
        try:
            return encoder.encoded(letterbox(picture, encoder.size_wh)[0])
        except Exception:
            with self._lock:
                self._drop(width)
            raise

    def _drop(self, width: int) -> None:
        """The encoder of this width, where there is one."""
        encoder = self._kept.pop(width, None)
        if isinstance(encoder, PipedEncoder):
            encoder.close()


def missing_encoder() -> str:
    """What is missing here for a film and what mends it, in one line; "" where nothing is."""
    if film_way() != Way():
        return ""
    return "no H.264 encoder here: " + to_install('"catseye[video]"', of_the_system=NEEDED)


@functools.lru_cache(maxsize=1)
def film_way() -> Way:
    """The way of the .mp4 sink; found once, when somebody first looks."""
    try:
        folder = tempfile.gettempdir()
    except OSError:  # none can be written: PyAV needs none
        folder = os.curdir
    way = chosen_way(folder)
    log.info("/stream.mp4: %s", way)
    return way


def _opened(size_wh: Tuple[int, int]) -> Encoder:
    way = film_way()
    if way.encoder is not None:
        return PipedEncoder(way.encoder, size_wh, TOLD_FPS)
    return H264Encoder(size_wh)
