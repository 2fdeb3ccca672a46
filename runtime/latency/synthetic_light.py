"""`synthetic://light`: a camera of known delay that films the blinking light, twin of one before a
screen.

Knows how such a picture looks; not what is found in it.
"""

import time
from typing import NamedTuple, Optional, Tuple

import cv2
import numpy as np

from catseye.runtime.clock.moment import CAPTURED, now
from catseye.runtime.latency.blink import were_lit
from catseye.runtime.sources.base import Source
from catseye.runtime.sources.live.camera import Camera, Shot
from catseye.runtime.sources.live.source import open_live
from catseye.runtime.sources.options import CLOCK, DELAY, FPS, LIMITS, SIZE, limits_among
from catseye.runtime.system.option_values import Options, read_options

EXAMPLE = "synthetic://light?delay=120&clock=arrived&fps=30"
EXPOSURE_S = 0.01
DARK, LIT, NOISE = 40.0, 180.0, 4.0  # grey levels
CENTRE, RADIUS = (0.3, 0.4), 0.12  # of the light, in shares of width and height


class LightScript(NamedTuple):
    """As for the synthetic street."""

    size_wh: Tuple[int, int] = (320, 180)
    fps: float = 30.0
    delay_ms: float = 0.0
    clock: str = CAPTURED


class LightCamera(Camera):
    """Its pictures are of the light as it was `delay_ms` before they come."""

    def __init__(self, script: LightScript) -> None:
        self.fps, self._script = script.fps, script
        self._random = np.random.RandomState(0)
        self._due_s = time.monotonic()

    def read(self) -> Optional[Shot]:
        time.sleep(max(0.0, self._due_s - time.monotonic()))
        self._due_s = max(self._due_s, time.monotonic() - 1) + 1 / self.fps
        arrived, delay_ns = now(), int(self._script.delay_ms * 1e6)
        image = self._picture((arrived.monotonic_ns - delay_ns) / 1e9)
        told = self._script.clock == CAPTURED
        return Shot(arrived.captured_before(delay_ns) if told else arrived, image)

    def _picture(self, at_s: float) -> np.ndarray:
        """(H, W, 3) uint8: the light in a dark room, exposed until then, the room a little brighter
        and darker by itself."""
        width, height = self._script.size_wh
        lit = were_lit(at_s - np.linspace(0.0, EXPOSURE_S, 8)).mean()
        grey = np.full((height, width), DARK + 10 * np.sin(at_s), np.float32)
        centre = int(CENTRE[0] * width), int(CENTRE[1] * height)
        cv2.circle(grey, centre, max(2, int(RADIUS * height)), DARK + float(lit) * LIT, -1)
        grey += self._random.normal(0.0, NOISE, grey.shape)
        return cv2.cvtColor(np.clip(grey, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR)


def open_synthetic_light(options: str, description: str) -> Source:
    """options: what follows the `?`. Raises CatseyeError for what is none."""
    values = read_options(options, OPTIONS, EXAMPLE)
    limits = limits_among(values)
    script = LightScript(**values)
    return open_live(lambda: LightCamera(script), description, limits)


OPTIONS: Options = dict(
    {"size": SIZE, "fps": FPS, "delay": DELAY, "clock": CLOCK},
    **LIMITS,
)
