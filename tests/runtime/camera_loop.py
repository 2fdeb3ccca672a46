"""Twins for tests of the camera loop: a task, an engine and a camera that do what they are told,
without a model."""

import threading
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

import cv2
import numpy as np

from catseye.runtime.clock.moment import now
from catseye.runtime.engines.computed_by import About, ComputedBy
from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame
from catseye.runtime.model_file.card import Card, Provenance
from catseye.runtime.sinks import Facts, WriteReport
from catseye.runtime.sinks.base import Sink
from catseye.runtime.sources.live.camera import Camera, Shot
from catseye.runtime.tasks import Result, Task
from catseye.runtime.timing import Series


class _Brightness(NamedTuple):
    mask: np.ndarray


class Brightness(_Brightness, Result):
    """mask: (H, W) uint8, 1 where the frame is bright. Counts how often it is drawn."""

    __slots__ = ()
    task = "brightness"
    drawn: List[int] = []

    def as_json(self) -> Dict[str, Any]:
        return {"bright": float(self.mask.mean())}

    def drawn_on(self, image: np.ndarray) -> np.ndarray:
        self.drawn.append(1)
        return 255 - image


class BrightnessTask(Task[None]):
    def prepare(self, frame: Frame) -> Tuple[Dict[str, np.ndarray], None]:
        return {"frame": frame.image[None]}, None

    def parse(self, outputs: Dict[str, np.ndarray], kept: None) -> Brightness:
        return Brightness(outputs["mask"][0])


class FakeEngine:
    """Says which pixels are bright. Where there is a `gate`, each answer passes it; fails from
    `broken_from` on."""

    backend, provider, device, precision, threads = "fake", "cpu", "none", "fp32", 1

    def __init__(
        self, gate: Optional[threading.Semaphore] = None, broken_from: int = 1 << 30
    ) -> None:
        self.gate, self.broken_from = gate, broken_from
        self.entered, self.calls = threading.Semaphore(0), 0

    def infer(self, arrays: Dict[str, np.ndarray]) -> Dict[str, np.ndarray]:
        self.entered.release()
        if self.gate is not None:
            assert self.gate.acquire(timeout=10)
        if self.calls >= self.broken_from:
            raise CatseyeError("the engine broke", "one that does not")
        self.calls += 1
        return {"mask": (arrays["frame"].mean(axis=3) > 127).astype(np.uint8)}


class ScriptedCamera(Camera):
    """Gives a frame for every `release()`, numbered by its pixels; ends after `frames`, or fails if
    told to."""

    def __init__(self, frames: int = 1 << 30, error: Optional[Exception] = None) -> None:
        self.frames, self.error = frames, error
        self.ready, self.given, self.closed = threading.Semaphore(0), 0, threading.Event()

    def read(self) -> Optional[Shot]:
        if self.given >= self.frames:
            if self.error:
                raise self.error
            return None
        assert self.ready.acquire(timeout=10)
        self.given += 1
        return Shot(now(), np.full((4, 6, 3), self.given - 1, np.uint8))

    def release(self, frames: int = 1) -> None:
        for _ in range(frames):
            self.ready.release()

    def close(self) -> None:
        self.closed.set()


class ListSink(Sink):
    """Keeps what it is given; calls `after(row number)` when it has."""

    def __init__(self, after: Any = None) -> None:
        self.rows: List[Any] = []
        self.after, self.closed = after, False

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        self.rows.append((frame, result, report))
        if self.after:
            self.after(len(self.rows))

    def close(self) -> None:
        self.closed = True


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Until another thread has got there; a limit, so that a test fails instead of hanging."""
    ticker = threading.Event()
    for _ in range(int(seconds / 0.002)):
        if condition():
            return
        ticker.wait(0.002)
    raise AssertionError("the other thread did not get there")


def frame_of(value: int = 200, index: int = 0, name: str = "", size_wh: Any = (64, 48)) -> Frame:
    image, taken = np.full((size_wh[1], size_wh[0], 3), value, np.uint8), now()
    return Frame(image, index, taken.wall_ns, name, since_ns=taken.monotonic_ns)


def result_for(frame: Frame) -> Brightness:
    return Brightness((frame.image.mean(axis=2) > 127).astype(np.uint8))


def about_of(name: str = "tiny", device: str = "a chip") -> About:
    """What a sink is told of a model that nobody opened."""
    provenance = Provenance({}, 0, 0, 0, "", "", {})
    card = Card("0", name, "road", (), (), (), (), "fp32", "any", 11, {}, provenance)
    return About(ComputedBy(name, "fake", "cpu", device, "fp32", 2), "ab", card)


def report_for(frame: Frame, result: Result, **facts: Any) -> WriteReport:
    usual = dict(
        source="twin://",
        age_ms=1.5,
        skipped=0,
        stale=False,
        stages_ms={"infer": 1.0},
        ages=Series(),
        skipped_in_all=0,
    )
    usual.update(facts)
    return WriteReport(frame, result, Facts(**usual))


def write_to(sink: Sink, frame: Frame, **facts: Any) -> WriteReport:
    result = result_for(frame)
    report = report_for(frame, result, **facts)
    sink.write(frame, result, report)
    return report


def write_video(path: Any, frames: int = 5, size_wh: Any = (64, 48), fps: float = 25.0) -> str:
    """A video whose frame i is grey of value 40 * i, at most 240."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), fps, size_wh)
    assert writer.isOpened()
    for index in range(frames):
        writer.write(np.full((size_wh[1], size_wh[0], 3), min(40 * index, 240), np.uint8))
    writer.release()
    return str(path)


def read_video(path: Any) -> List[np.ndarray]:
    capture = cv2.VideoCapture(str(path))
    assert capture.isOpened()
    frames = []
    ok, image = capture.read()
    while ok:
        frames.append(image)
        ok, image = capture.read()
    return frames
