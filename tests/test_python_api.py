"""`catseye.run` as docs/python-api.md shows it: every example there is executed."""

import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

import catseye
from catseye.runtime.errors import CatseyeError

EXAMPLES = re.findall(
    r"```python\n(.*?)```", (Path(__file__).parents[1] / "docs" / "python-api.md").read_text(), re.S
)


@pytest.fixture
def beside_a_video(tmp_path, monkeypatch):
    """A folder with a video.mp4 of four frames, which is where we are."""
    monkeypatch.chdir(tmp_path)
    writer = cv2.VideoWriter("video.mp4", cv2.VideoWriter_fourcc(*"mp4v"), 25, (160, 96))
    for value in (20, 90, 160, 230):
        writer.write(np.full((96, 160, 3), value, np.uint8))
    writer.release()
    return tmp_path


def test_there_are_examples():
    assert len(EXAMPLES) == 6 and len(EXAMPLES[0].strip().splitlines()) == 5


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_runs(example, beside_a_video):
    answer = subprocess.run(
        [sys.executable, "-c", example], capture_output=True, text=True, timeout=300
    )
    assert answer.returncode == 0, answer.stderr


def test_every_frame_with_its_result(small_model, beside_a_video):
    found = [
        (frame.index, frame.image.shape, result.task, result.mask.shape)
        for frame, result in catseye.run(str(small_model), "video.mp4")
    ]
    assert found == [(index, (96, 160, 3), "road", (96, 160)) for index in range(4)]


def test_leaving_the_loop_closes_source_and_engine(small_model, beside_a_video):
    results = catseye.run(str(small_model), "video.mp4")
    next(results)
    results.close()
    assert list(results) == []


@pytest.mark.parametrize(
    "model, source", (("nowhere.onnx", "video.mp4"), ("road", "nowhere.mp4"), ("road", "sea://"))
)
def test_what_cannot_be_opened_is_an_error_at_the_first_frame(model, source, beside_a_video):
    results = catseye.run(model, source)
    with pytest.raises(CatseyeError):
        next(results)


def test_importing_catseye_stays_cheap():
    code = "import sys, catseye; print([name for name in ('numpy', 'cv2') if name in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
        == "[]\n"
    )
