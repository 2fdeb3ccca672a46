"""What a run says on the real stderr of a process: what pytest catches sits above the
descriptor."""

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

CATSEYE = [sys.executable, "-m", "catseye", "run"]
OVERLAP = [sys.executable, str(Path(__file__).with_name("silent_overlap.py")), "run"]


def run(program, model, *arguments):
    """(exit code, lines on stderr)"""
    answer = subprocess.run(
        [*program, model, "--threads", "1", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=120,
    )
    return answer.returncode, answer.stderr.decode().splitlines()


@pytest.fixture
def folder(tmp_path):
    """Three pictures, the last one damaged in the middle."""
    for index in range(3):
        image = np.random.RandomState(index).randint(0, 255, (48, 64, 3)).astype(np.uint8)
        cv2.imwrite(str(tmp_path / ("%d.png" % index)), image)
    data = bytearray((tmp_path / "2.png").read_bytes())
    data[len(data) // 2] ^= 255
    (tmp_path / "2.png").write_bytes(bytes(data[: len(data) // 2 + 9]))
    return tmp_path


def test_a_camera_that_does_not_open(tiny_model):
    code, lines = run(CATSEYE, tiny_model, "--source", "v4l2:///dev/null")
    assert code == 2
    assert lines[-1].startswith("catseye: /dev/null does not open as a camera; expected ")
    assert [line for line in lines if not line.startswith("no --sink")] == lines[-1:]


def test_what_is_logged_while_a_camera_opens(tiny_model):
    address = "v4l2:///dev/null?size=1280x720&fps=30&format=MJPG"
    code, lines = run(OVERLAP, tiny_model, "--source", address, "--frames", "2")
    assert code == 0
    promised = [line for line in lines if "gives" in line]
    assert promised == [
        "catseye: asked for size_wh 1280x720, the camera gives 64x48",
        "catseye: asked for fps 30, the camera gives 15",
        "catseye: asked for format MJPG, the camera gives ",
        "catseye: %s gives 64x48, 15 per second" % address,
    ]
    assert not any("native words" in line for line in lines)


def test_a_damaged_picture_in_a_folder(tiny_model, folder):
    code, lines = run(CATSEYE, tiny_model, "--source", str(folder))
    assert code == 2 and "2.png" in lines[-1] and lines[-1].startswith("catseye: ")
    assert any("2 frames of" in line for line in lines)
    assert not any("libpng" in line for line in lines)


def test_an_alarm_while_a_picture_is_read(tiny_model, folder):
    os.unlink(str(folder / "2.png"))
    arguments = ("--source", str(folder), "--budget", "1e-6", "--alarm", "1")
    code, lines = run(OVERLAP, tiny_model, *arguments)
    assert code == 1
    alarms = [line for line in lines if line.startswith("catseye: alarm: 1 results in a row")]
    assert len(alarms) == 1
    assert not any("native words" in line for line in lines)


@pytest.mark.parametrize("redirection", ("", "2>&-", "2>/dev/full"))
def test_a_stderr_that_takes_nothing_ends_nothing(tiny_model, folder, redirection):
    """A pipe whose reader has left, closed, full: the statistics come, and nothing else on
    stdout."""
    os.unlink(str(folder / "2.png"))
    arguments = [*CATSEYE, tiny_model, "--threads", "1", "--source", str(folder), "--json"]
    read, write = os.pipe()
    os.close(read)
    answer = subprocess.run(
        ["bash", "-c", '"$@" ' + redirection, "bash", *arguments],
        stdout=subprocess.PIPE,
        stderr=write,
        timeout=120,
    )
    os.close(write)
    assert answer.returncode == 0 and json.loads(answer.stdout)["frames"] == 2
