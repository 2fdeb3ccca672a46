"""`csi://`: its options; and real frames through real GStreamer, videotestsrc standing for the sensor.

pip's OpenCV has no GStreamer: the second half runs in whichever Python here has an OpenCV that does, else skips.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import catseye
from catseye.runtime.errors import CatseyeError
from catseye.runtime.sources import csi

ROOT = str(Path(catseye.__file__).resolve().parents[1])
HAS_GSTREAMER = "import cv2, re; assert re.search(r'GStreamer: *YES', cv2.getBuildInformation())"

# opens a csi:// source whose two NVIDIA elements are replaced by their twins; prints what came as JSON
TWIN = """
import json, sys
sys.path.insert(0, sys.argv[1])
from catseye.runtime.sources import csi, open_source
true_pipeline = csi.csi_pipeline

def twin(sensor_id, mode, takes_bgrx=True):
    text = true_pipeline(sensor_id, mode, takes_bgrx)
    head, rest = text.split(" ! ", 1)
    turned = "videoconvert ! videoflip video-direction=%d ! videoconvert" % mode.flip
    assert head.startswith("nvarguscamerasrc") and "(memory:NVMM)" in rest and "nvvidconv" in rest
    rest = rest.replace("(memory:NVMM)", "").replace("nvvidconv flip-method=%d" % mode.flip, turned)
    return sys.argv[3] + " ! " + rest

csi.csi_pipeline = twin
with open_source(sys.argv[2]) as source:
    frames = iter(source)
    taken = [next(frames) for _ in range(5)]
    image = taken[-1].image
    corners = [image[y, x].tolist() for y in (5, -5) for x in (5, -5)]
    print(json.dumps({"shape": image.shape, "dtype": str(image.dtype), "corners": corners, "fps": source.fps,
                      "live": source.live, "times": [frame.timestamp_ns for frame in taken]}))
"""
PATTERN = "videotestsrc is-live=true pattern=smpte75"


@pytest.fixture(scope="module")
def python_with_gstreamer():
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            answer = subprocess.run([python, "-c", HAS_GSTREAMER], capture_output=True, timeout=60)
        except OSError:
            continue
        if answer.returncode == 0:
            return python
    pytest.skip("no Python here has an OpenCV with GStreamer (Debian: python3-opencv)")


def run_twin(python, uri, source=PATTERN):
    return subprocess.run([python, "-c", TWIN, ROOT, uri, source], capture_output=True, text=True, timeout=120)


def frames_of(python, uri):
    answer = run_twin(python, uri)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout.splitlines()[-1])


def test_frames_through_real_gstreamer(python_with_gstreamer):
    seen = frames_of(python_with_gstreamer, "csi://0?size=1280x720&fps=60")
    assert seen["shape"] == [720, 1280, 3] and seen["dtype"] == "uint8" and seen["live"]
    assert seen["fps"] == 60
    assert seen["times"] == sorted(seen["times"]) and len(set(seen["times"])) == 5


def test_a_flip_turns_the_picture(python_with_gstreamer):
    upright = frames_of(python_with_gstreamer, "csi://0?size=320x240&fps=30")["corners"]
    turned = frames_of(python_with_gstreamer, "csi://0?size=320x240&fps=30&flip=2")["corners"]
    assert np.allclose(upright, turned[::-1], atol=3)
    assert not np.allclose(upright, turned, atol=3)


def test_a_sensor_that_does_not_start_is_one_line_with_its_mend(python_with_gstreamer):
    answer = run_twin(python_with_gstreamer, "csi://0", "nosuchsensor")
    assert answer.returncode != 0
    assert "nvargus-daemon" in answer.stderr.splitlines()[-1]


def test_what_nvidia_printed_is_what_is_told(monkeypatch):
    """The complaint goes to file descriptor 2, past Python, as libargus does it."""
    def failing(sensor_id, mode):
        os.write(2, b"Error generated. gstnvarguscamerasrc.cpp, execute:751 No cameras available\n")
        raise csi.CameraFault(csi.LOST, "CSI sensor 0 does not open")
    monkeypatch.setattr(csi, "opened", failing)
    monkeypatch.setattr(csi, "opencv_has", lambda library: True)
    with pytest.raises(CatseyeError, match="csi://0: no CSI sensor answers.*ribbon"):
        csi.open_csi("0", "csi://0")


def test_options_reach_the_pipeline(monkeypatch):
    asked = []
    monkeypatch.setattr(csi, "opencv_has", lambda library: True)
    monkeypatch.setattr(csi, "open_live", lambda opening, description, limits: asked.append((opening, limits)))
    monkeypatch.setattr(csi, "opened", lambda sensor_id, mode: (sensor_id, mode))
    csi.open_csi("1?size=640x480&fps=60&flip=6&exposure=100-8000&gain=2&mode=3&read_s=9", "csi://1")
    (opening, limits), = asked
    assert opening() == (1, csi.CsiMode((640, 480), 60.0, 6, (100.0, 8000.0), (2.0, 2.0), 3)) and limits.read_s == 9


@pytest.mark.parametrize("rest", ("", "x", "99", "0?size=1x1", "0?flip=8", "0?exposure=0", "0?exposure=9-1",
                                  "0?gain=nan", "0?gain=-2", "0?exposure=1-inf", "0?mode=-1", "0?zoom=2"))
def test_options_that_no_camera_has(rest):
    with pytest.raises(CatseyeError):
        csi.open_csi(rest, "csi://" + rest)


def test_a_sensor_that_cannot_is_told_before_anything_opens(monkeypatch):
    monkeypatch.setattr(csi, "sensor_names", lambda: ["imx219"])
    with pytest.raises(CatseyeError, match="imx219 has no 1920x1080 at 60"):
        csi.open_csi("0?size=1920x1080&fps=60", "csi://0")
