"""Benchmark: how long a frame takes from camera bytes to result, the camera itself left out.

Knows tasks and engines; where the frames came from is somebody else's. Frames are read beforehand
and cycled.
"""

import time
from itertools import cycle, islice
from typing import Dict, List, NamedTuple, Sequence, Tuple

from catseye.runtime.engines import Engine
from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame
from catseye.runtime.pipeline import result_of
from catseye.runtime.sources import Source
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks import Task
from catseye.runtime.timing import Series, StageTimers

WARM_UP = 10  # frames before the clock starts: memory is allocated and kernels are chosen there
FRAMES = 8  # different ones, so that no cache knows the answer
STAGES = ("prepare", "infer", "parse")


class Measurement(NamedTuple):
    """latency_ms: prepare + infer + parse of one frame, p50, p95, p99. fps: frames per second, one
    after another."""

    latency_ms: Dict[str, float]
    fps: float
    size: Tuple[int, int]
    frames: int
    warmup: int
    seconds: float
    stages_ms: Dict[str, Dict[str, float]]

    def as_json(self) -> JsonObject:
        return dict(self._asdict(), size=list(self.size))


def frames_beforehand(source: Source) -> List[Frame]:
    """The first few frames of a source; those of another size than the first would blur what is
    measured. Raises CatseyeError where there is none."""
    frames = list(islice(source, FRAMES))
    if not frames:
        raise CatseyeError(
            "no frame from %s" % source.description, "at least one", "check the source"
        )
    return [frame for frame in frames if frame.image.shape == frames[0].image.shape]


def measure(task: Task, engine: Engine, frames: Sequence[Frame], seconds: float) -> Measurement:
    """Warm up, then run the frames round and round for about `seconds`, at least once."""
    frame_after_frame = cycle(frames)
    for frame in islice(frame_after_frame, WARM_UP):
        result_of(frame, task, engine, StageTimers(STAGES))
    timers, latency, done = StageTimers(STAGES), Series(), 0
    begun_s = time.perf_counter()
    while done == 0 or time.perf_counter() - begun_s < seconds:
        result_of(next(frame_after_frame), task, engine, timers)
        latency.add(sum(timers.newest_ms(STAGES).values()))
        done += 1
    taken_s = time.perf_counter() - begun_s
    height, width = frames[0].image.shape[:2]
    return Measurement(
        latency_ms=latency.percentiles(),
        fps=done / taken_s,
        size=(width, height),
        frames=done,
        warmup=WARM_UP,
        seconds=taken_s,
        stages_ms=timers.summary(),
    )
