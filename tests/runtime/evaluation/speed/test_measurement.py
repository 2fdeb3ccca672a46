import pytest
from camera_loop import BrightnessTask, FakeEngine, frame_of

from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation.speed import measurement
from catseye.runtime.evaluation.speed.measurement import FRAMES, WARM_UP, frames_beforehand, measure


class Source(list):
    description = "twin://"


def test_the_first_few_frames_of_one_size():
    endless = Source(frame_of(index=index) for index in range(100))
    assert [frame.index for frame in frames_beforehand(endless)] == list(range(FRAMES))
    mixed = Source([frame_of(), frame_of(size_wh=(8, 8)), frame_of(index=2)])
    assert [frame.index for frame in frames_beforehand(mixed)] == [0, 2]


def test_a_source_without_frames_cannot_be_measured():
    with pytest.raises(CatseyeError, match="no frame from twin://"):
        frames_beforehand(Source())


def test_it_runs_at_least_once_after_warming_up():
    engine = FakeEngine()
    measured = measure(BrightnessTask(), engine, [frame_of(size_wh=(8, 6))], seconds=0.0)
    assert (measured.frames, measured.warmup, measured.size) == (1, WARM_UP, (8, 6))
    assert engine.calls == WARM_UP + 1
    assert set(measured.stages_ms) == {"prepare", "infer", "parse"}


def test_warming_up_does_not_count(monkeypatch):
    """Each look at the clock is a second later: rate and time are of the frames behind the
    warm-up."""
    clock = [0.0]

    def tick():
        clock[0] += 1.0
        return clock[0]

    monkeypatch.setattr(measurement.time, "perf_counter", tick)
    measured = measure(BrightnessTask(), FakeEngine(), [frame_of()], seconds=20.0)
    assert measured.fps == measured.frames / measured.seconds
    assert 20.0 <= measured.seconds < 40.0
    assert measured.latency_ms["p50"] == 3000.0  # three stages, a second each
    assert measured.as_json()["size"] == [64, 48]


def test_the_frames_are_cycled():
    seen = []

    class Task(BrightnessTask):
        def prepare(self, frame):
            seen.append(frame.index)
            return super().prepare(frame)

    measure(Task(), FakeEngine(), [frame_of(index=index) for index in range(3)], seconds=0.0)
    assert seen == [index % 3 for index in range(WARM_UP + 1)]
