"""`synthetic://road`: the seeded street as a source, twin of a camera and of a file that needs neither.

Knows the options after the `?` and when frame i happens (i / fps); the street itself is in runtime/street. Without
`live=1` it is a file: frame i is always the same picture, and none is skipped.
"""

import itertools
import time
from typing import Any, Callable, Dict, Iterator, NamedTuple, Optional, Tuple

import numpy as np

from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.sources.base import HIGHEST_FPS, Source
from catseye.runtime.sources.camera import Camera, Shot
from catseye.runtime.sources.live import LiveSource
from catseye.runtime.street import Street

EXAMPLE = "synthetic://road?seed=1&size=640x360&fps=30&frames=300"
LONGEST_SIDE = 4096


class Script(NamedTuple):
    """What the address asked for. frames: how many, None = endless."""

    seed: int = 0
    size_wh: Tuple[int, int] = (640, 360)
    fps: float = 30.0
    frames: Optional[int] = None
    live: bool = False

    def indices(self) -> Iterator[int]:
        return itertools.count() if self.frames is None else iter(range(self.frames))


class SyntheticSource(Source):
    """The street as a file: frame i is rendered for the moment i / fps, whenever it is asked for."""

    def __init__(self, script: Script, description: str) -> None:
        self.description, self.fps = description, script.fps
        self._script = script
        self._street = Street(script.seed, script.size_wh)

    def __iter__(self) -> Iterator[Frame]:
        for index in self._script.indices():
            image, _ = self._street.render(index / self.fps)
            yield Frame(image, index, now_ns())


class SyntheticCamera(Camera):
    """The street as a camera: frame i is there i / fps seconds after the first, whether or not somebody is ready."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._street = Street(script.seed, script.size_wh)
        self._indices = script.indices()
        self._begun_s: Optional[float] = None

    def read(self) -> Optional[Shot]:
        index = next(self._indices, None)
        if index is None:
            return None
        if self._begun_s is None:
            self._begun_s = time.monotonic()
        image = self._render(index / self._script.fps)
        return Shot(now_ns(), image)

    def _render(self, moment_s: float) -> np.ndarray:
        assert self._begun_s is not None
        time.sleep(max(0.0, self._begun_s + moment_s - time.monotonic()))
        return self._street.render(moment_s)[0]


def open_synthetic(scene: str, description: str) -> Source:
    """`scene`: what follows `synthetic://`, "road" with options. Raises CatseyeError for any other."""
    name, _, options = scene.partition("?")
    if name != "road":
        raise CatseyeError("unknown scene %r" % name, EXAMPLE)
    script = script_from_options(options)
    if script.live:
        return LiveSource(SyntheticCamera(script), description, script.fps)
    return SyntheticSource(script, description)


def script_from_options(text: str) -> Script:
    """"seed=1&size=640x360" -> Script; raises CatseyeError for a name or a value that does not fit."""
    values: Dict[str, Any] = {}
    for option in text.split("&") if text else []:
        name, _, value = option.partition("=")
        if name not in OPTIONS:
            raise CatseyeError("unknown option %r" % name, "one of " + ", ".join(OPTIONS), "such as " + EXAMPLE)
        field, convert, expected = OPTIONS[name]
        try:
            values[field] = convert(value)
        except ValueError:
            raise CatseyeError("%s=%s" % (name, value), expected, "such as " + EXAMPLE) from None
    return Script(**values)


def _whole(lowest: int, highest: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        value = int(text)
        if not lowest <= value <= highest:
            raise ValueError(text)
        return value

    return convert


def _rate(text: str) -> float:
    value = float(text)
    if not 0 < value <= HIGHEST_FPS:  # false for NaN too
        raise ValueError(text)
    return value


def _size(text: str) -> Tuple[int, int]:
    side = _whole(16, LONGEST_SIDE)
    width, height = text.split("x")
    return side(width), side(height)


# option -> (field of Script, its reading, what is expected)
OPTIONS: Dict[str, Tuple[str, Callable[[str], Any], str]] = {
    "seed": ("seed", _whole(0, 2 ** 32 - 1), "a whole number from 0 to 4294967295"),
    "size": ("size_wh", _size, "WIDTHxHEIGHT, each from 16 to %d" % LONGEST_SIDE),
    "fps": ("fps", _rate, "a number above 0, at most %d" % HIGHEST_FPS),
    "frames": ("frames", _whole(1, 2 ** 31), "a whole number above 0"),
    "live": ("live", lambda text: bool(_whole(0, 1)(text)), "0 or 1"),
}
