import pytest
from camera_loop import BrightnessTask, FakeEngine

from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation.speed.path import measure_path
from catseye.runtime.sources import open_source


def test_a_file_is_measured_to_its_end_or_for_so_long():
    with open_source("synthetic://road?size=64x48&frames=5") as source:
        measured = measure_path(source, BrightnessTask(), FakeEngine(), seconds=60.0)
    assert (measured.frames, measured.skipped, measured.size) == (5, 0, (64, 48))
    assert measured.jitter_ms == measured.interval_ms["p99"] - measured.interval_ms["p50"] >= 0
    assert measured.budget_ms is None and not measured.budget_missed
    assert measured.cpu.frames == 5 and measured.cpu.total_ms > 0
    assert measured.as_json()["size"] == [64, 48] and "total_ms" in measured.as_json()["cpu"]
    with open_source("synthetic://road?size=64x48") as source:
        assert measure_path(source, BrightnessTask(), FakeEngine(), seconds=0.0).frames == 1


def test_a_camera_tells_its_skips_and_its_budget():
    with open_source("synthetic://road?size=64x48&live=1&fps=200") as source:
        measured = measure_path(source, BrightnessTask(), FakeEngine(), 0.3, budget_ms=1e-6)
    assert measured.frames > 1 and measured.fps > 0
    assert measured.stale == measured.frames - 1 or measured.stale == measured.frames
    assert measured.budget_missed and measured.age_ms["p50"] > 0


def test_what_the_engine_raises_is_raised():
    with open_source("synthetic://road?size=64x48") as source, pytest.raises(CatseyeError):
        measure_path(source, BrightnessTask(), FakeEngine(broken_from=2), 5.0)
