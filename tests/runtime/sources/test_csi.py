import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

import catseye
from catseye.runtime.errors import CatseyeError
from catseye.runtime.sources import csi, open_source

ROOT = Path(catseye.__file__).resolve().parents[1]


class FakeArgus:
    """cv2.VideoCapture of a board's camera; `takes_bgrx`: whether this OpenCV does."""

    def __init__(self, takes_bgrx):
        self.takes_bgrx, self.pipelines, self.released = takes_bgrx, [], 0

    def __call__(self, pipeline, backend):
        assert backend == cv2.CAP_GSTREAMER
        self.pipelines.append(pipeline)
        return self

    def isOpened(self):
        return self.takes_bgrx or "videoconvert" in self.pipelines[-1]

    def get(self, what):
        return {cv2.CAP_PROP_FPS: 30.0, cv2.CAP_PROP_FRAME_WIDTH: 6, cv2.CAP_PROP_FRAME_HEIGHT: 4}.get(what, 0.0)

    def grab(self):
        return True

    def retrieve(self):
        grain = np.random.randint(0, 9, (4, 6, 1 if self.takes_bgrx else 3)).astype(np.uint8)
        colours = [10, 20, 30, 255] if self.takes_bgrx else [10, 20, 30]
        return True, np.full((4, 6, len(colours)), colours, np.uint8) + (grain if len(colours) == 3 else 0)

    def release(self):
        self.released += 1


@pytest.fixture
def argus(monkeypatch, request):
    fake = FakeArgus(getattr(request, "param", True))
    monkeypatch.setattr(csi, "opencv_has", lambda library: True)
    monkeypatch.setattr(cv2, "VideoCapture", fake)
    return fake


def test_bgrx_becomes_bgr_without_a_conversion_in_the_pipeline(argus):
    with open_source("csi://1?size=1920x1080&fps=59.94&flip=2&freeze_s=0") as source:
        frame = next(iter(source))
    assert argus.pipelines == [
        "nvarguscamerasrc sensor-id=1 ! video/x-raw(memory:NVMM),width=1920,height=1080,format=NV12,"
        "framerate=2997/50 ! nvvidconv flip-method=2 ! video/x-raw,format=BGRx"
        " ! appsink drop=true max-buffers=1 sync=false"]
    assert source.live and frame.image.shape == (4, 6, 3) and frame.image[0, 0].tolist() == [10, 20, 30]
    assert argus.released == 1


@pytest.mark.parametrize("argus", (False,), indirect=True)
def test_where_opencv_takes_no_bgrx_the_cpu_converts(argus):
    with open_source("csi://0") as source:
        assert next(iter(source)).image.shape == (4, 6, 3)
    assert ["videoconvert" in pipeline for pipeline in argus.pipelines] == [False, True]
    assert "width=1280,height=720" in argus.pipelines[0]


@pytest.mark.parametrize("rest", ("", "x", "-1", "16", "0?speed=1", "0?flip=8", "0?size=1x1", "0 ! sink", "0?fps=0"))
def test_hostile_addresses_are_one_line(argus, rest):
    with pytest.raises(CatseyeError, match="such as csi://0") as caught:
        open_source("csi://" + rest)
    assert "\n" not in str(caught.value) and not argus.pipelines


def test_an_opencv_without_gstreamer_says_so(monkeypatch):
    monkeypatch.setattr(csi, "opencv_has", lambda library: False)
    with pytest.raises(CatseyeError, match="without GStreamer"):
        open_source("csi://0")


@pytest.fixture(scope="module")
def gstreamer_opencv():
    """A Python whose OpenCV was built with GStreamer; pip's was not."""
    probe = "import cv2, sys; sys.exit('GStreamer:                   YES' not in cv2.getBuildInformation())"
    for python in (sys.executable, "/usr/bin/python3"):
        if os.path.exists(python) and subprocess.call([python, "-c", probe], stderr=subprocess.DEVNULL) == 0:
            return python
    pytest.skip("no OpenCV with GStreamer: apt install python3-opencv gstreamer1.0-plugins-base")


def test_a_real_gstreamer_pipeline_ends_in_bgr(gstreamer_opencv):
    """GStreamer's test picture instead of the sensor, everything after it as on a board."""
    code = ("from catseye.runtime.sources import csi, open_source\n"
            "from catseye.jetson.csi import csi_pipeline\n"
            "def twin(*args, **options):\n"
            "    tail = csi_pipeline(*args, **options).partition('flip-method=0 ! ')[2]\n"
            "    return 'videotestsrc is-live=true pattern=red ! videoconvert ! ' + tail.replace(\n"
            "        'BGRx', 'BGRx,width=640,height=360,framerate=30/1', 1)\n"
            "csi.csi_pipeline = twin\n"
            "with open_source('csi://0?freeze_s=0') as source:\n"
            "    frame = next(iter(source))\n"
            "print(frame.image.shape, frame.image[100, 100].tolist(), frame.image.flags.c_contiguous)\n")
    answer = subprocess.run([gstreamer_opencv, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                            cwd=str(ROOT), env=dict(os.environ, PYTHONPATH=str(ROOT)))
    assert answer.stdout.decode() == "(360, 640, 3) [0, 0, 255] True\n", answer.stderr.decode()
