"""`synthetic://road`: the seeded street as a source, twin of a camera and of a file that needs
neither.

Knows the options after the `?`, when frame i happens (i / fps), and the faults that are played on
it; the street itself is in runtime/street. Without `live=1` it is a file: frame i is always the
same picture, and none is skipped.
"""

import itertools
import time
from typing import Iterator, NamedTuple, Optional, Tuple

import numpy as np

from catseye.runtime.clock.moment import ARRIVED, CAPTURED, now
from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.sources.base import Source
from catseye.runtime.sources.fault_script import LOSS, STALL, FaultScript, script_from_text, spoilt
from catseye.runtime.sources.faults import LOST, CameraFault
from catseye.runtime.sources.live.camera import Camera, Shot
from catseye.runtime.sources.live.source import open_live
from catseye.runtime.sources.options import CLOCK, DELAY, FPS, LIMITS, SIZE, limits_among
from catseye.runtime.sources.weather import Weather
from catseye.runtime.street import Street
from catseye.runtime.system.option_values import (
    Options,
    Values,
    number,
    read_options,
    switch,
    whole,
)

EXAMPLE = "synthetic://road?seed=1&size=640x360&fps=30&frames=300"
WAKE_S = 0.05  # how soon a hanging read notices that its stall is over


class Script(NamedTuple):
    """What the address asked for. frames: how many, None = endless.  delay_ms: how old a picture of
    the camera is when it comes.  clock: whether the camera tells that, `captured` or `arrived`."""

    seed: int = 0
    size_wh: Tuple[int, int] = (640, 360)
    fps: float = 30.0
    frames: Optional[int] = None
    live: bool = False
    delay_ms: float = 0.0
    clock: str = CAPTURED
    weather: Weather = Weather()
    faults: FaultScript = FaultScript()

    def indices(self) -> Iterator[int]:
        return itertools.count() if self.frames is None else iter(range(self.frames))


class Drive:
    """The street in its weather, spoilt as the script says."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self._street = Street(script.seed, script.size_wh)

    def picture(self, index: int) -> np.ndarray:
        """(H, W, 3) uint8 BGR of the moment index / fps."""
        fault = self.script.faults.at(index)
        shown = fault.first - 1 if fault and fault.kind == "freeze" else index
        image = self._street.render(max(shown, 0) / self.script.fps)[0]
        image = self.script.weather.over(image, self.script.seed + shown)
        return spoilt(image, fault.kind) if fault else image


class SyntheticSource(Source):
    """The street as a file: frame i is rendered for the moment i / fps, whenever it is asked
    for."""

    def __init__(self, script: Script, description: str) -> None:
        self.description, self.fps, self.count = description, script.fps, script.frames
        self._drive = Drive(script)

    def __iter__(self) -> Iterator[Frame]:
        for index in self._drive.script.indices():
            yield Frame(self._drive.picture(index), index, now_ns())


class Clock:
    """Which frame comes next: they pass by whether or not a camera is open. One for all reopenings
    of a camera."""

    def __init__(self, fps: float) -> None:
        self.fps = fps
        self.next_index = 0
        self._begun_s: Optional[float] = None

    def catch_up(self) -> None:
        """Forget the frames that nobody could take."""
        if self._begun_s is not None:
            self.next_index = max(
                self.next_index, int((time.monotonic() - self._begun_s) * self.fps)
            )

    def wait(self) -> int:
        """Sleep until the next frame is due; its index."""
        if self._begun_s is None:
            self._begun_s = time.monotonic()
        index, self.next_index = self.next_index, self.next_index + 1
        time.sleep(max(0.0, self._begun_s + index / self.fps - time.monotonic()))
        return index


class SyntheticCamera(Camera):
    """The street as a camera: frame i is there i / fps seconds after the first, whether or not
    somebody is ready."""

    def __init__(self, drive: Drive, clock: Clock) -> None:
        """Raises CameraFault while the script says that it is gone."""
        self.fps = drive.script.fps
        self._drive, self._clock = drive, clock
        clock.catch_up()
        self._check_there(clock.next_index)

    def read(self) -> Optional[Shot]:
        script = self._drive.script
        if script.frames is not None and self._clock.next_index >= script.frames:
            return None
        index = self._clock.wait()
        self._check_there(index)
        while script.faults.kind_at(self._clock.next_index) == STALL:
            time.sleep(WAKE_S)
            self._clock.catch_up()
        image = self._drive.picture(index)
        arrived = now()
        if script.clock == ARRIVED:
            return Shot(arrived, image)
        return Shot(arrived.captured_before(int(script.delay_ms * 1e6)), image)

    def _check_there(self, index: int) -> None:
        if self._drive.script.faults.kind_at(index) == LOSS:
            raise CameraFault(
                LOST, "the synthetic camera is gone at frame %d, as its script says" % index
            )


def open_synthetic(scene: str, description: str) -> Source:
    """`scene`: what follows `synthetic://`, "road" with options. Raises CatseyeError for any
    other."""
    name, _, options = scene.partition("?")
    if name != "road":
        raise CatseyeError("unknown scene %r" % name, EXAMPLE)
    values = read_options(options, OPTIONS, EXAMPLE)
    limits = limits_among(values)
    script = script_from_values(values)
    if not script.live:
        return SyntheticSource(script, description)
    drive, clock = Drive(script), Clock(script.fps)
    return open_live(lambda: SyntheticCamera(drive, clock), description, limits)


def script_from_values(values: Values) -> Script:
    """{field: value} -> Script; raises CatseyeError for a fault that a file cannot have."""
    weather = Weather(**{field: values.pop(field) for field in Weather._fields if field in values})
    script = Script(weather=weather, **values)
    if not script.live and script.faults.needs_a_camera():
        raise CatseyeError(
            "faults=%s or %s of a file" % (LOSS, STALL),
            "live=1, since a file has no camera to lose",
            "such as " + EXAMPLE + "&live=1",
        )
    if not script.live and script.delay_ms:
        raise CatseyeError(
            "delay=%g of a file" % script.delay_ms, "live=1, since a file has no age"
        )
    return script


_STRENGTH = number(0, 1)
OPTIONS: Options = dict(
    {
        "seed": ("seed", whole(0, 2**32 - 1), "a whole number from 0 to 4294967295"),
        "size": SIZE,
        "fps": FPS,
        "frames": ("frames", whole(1, 2**31), "a whole number above 0"),
        "live": ("live", switch, "0 or 1"),
        "delay": DELAY,
        "clock": CLOCK,
        "rain": ("rain", _STRENGTH, "a number from 0 to 1"),
        "night": ("night", _STRENGTH, "a number from 0 to 1"),
        "glare": ("glare", _STRENGTH, "a number from 0 to 1"),
        "blur": ("blur", _STRENGTH, "a number from 0 to 1"),
        "faults": (
            "faults",
            script_from_text,
            "KIND@FRAME+FRAMES, joined by commas, such as loss@90+60,black@200+30",
        ),
    },
    **LIMITS,
)
