"""The benchmark of a frame's path: what it makes of what processes took."""

import importlib.util
import sys
from pathlib import Path

import pytest

FILE = Path(__file__).parents[2] / "benchmarks" / "frame_path.py"


@pytest.fixture(scope="module")
def frame_path():
    spec = importlib.util.spec_from_file_location("frame_path", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_starting_up_is_taken_off_and_ratios_are_of_one_round(frame_path, monkeypatch, tmp_path):
    a_frame_s = {"plain": 0.02, "null": 0.03}

    def spent_by(words):
        job = "plain" if "--plain" in words else "null"
        frames = int(words[words.index("--frames") + 1] if job == "null" else words[-2])
        return frame_path.Spent(1.5 + a_frame_s[job] * frames, 100.0 if job == "plain" else 110.0)

    monkeypatch.setattr(frame_path, "spent_by", spent_by)
    taken = frame_path.compared(["plain", "null"], "drive.mp4", "road-nano", 60, 3, str(tmp_path))
    report = frame_path.medians(taken)
    assert report["plain"]["cpu_ms"] == pytest.approx(20.0)
    assert report["null / plain"] == pytest.approx({"cpu": 1.5, "peak": 1.1})


def test_a_process_is_measured_and_one_that_fails_is_told(frame_path):
    spent = frame_path.spent_by([sys.executable, "-c", "bytearray(50_000_000)"])
    assert spent.cpu_s > 0 and spent.peak_mb > 50  # what the tests hold counts too
    with pytest.raises(SystemExit, match="no such thing"):
        frame_path.spent_by([sys.executable, "-c", "raise SystemExit('no such thing')"])
