"""`csi://`: its options; and real frames through real GStreamer, videotestsrc standing for the
sensor."""

import json
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
        return {
            cv2.CAP_PROP_FPS: 30.0,
            cv2.CAP_PROP_FRAME_WIDTH: 6,
            cv2.CAP_PROP_FRAME_HEIGHT: 4,
        }.get(what, 0.0)

    def grab(self):
        return True

    def retrieve(self):
        grain = np.random.randint(0, 9, (4, 6, 1 if self.takes_bgrx else 3)).astype(np.uint8)
        colours = [10, 20, 30, 255] if self.takes_bgrx else [10, 20, 30]
        return True, np.full((4, 6, len(colours)), colours, np.uint8) + (
            grain if len(colours) == 3 else 0
        )

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
        "nvarguscamerasrc sensor-id=1 !"
        " video/x-raw(memory:NVMM),width=1920,height=1080,format=NV12,framerate=2997/50 ! nvvidconv"
        " flip-method=2 ! video/x-raw,format=BGRx ! appsink drop=true max-buffers=1 sync=false"
    ]
    assert (
        source.live
        and frame.image.shape == (4, 6, 3)
        and frame.image[0, 0].tolist() == [10, 20, 30]
    )
    assert argus.released == 1


@pytest.mark.parametrize("argus", (False,), indirect=True)
def test_where_opencv_takes_no_bgrx_the_cpu_converts(argus):
    with open_source("csi://0") as source:
        assert next(iter(source)).image.shape == (4, 6, 3)
    assert ["videoconvert" in pipeline for pipeline in argus.pipelines] == [False, True]
    assert "width=1280,height=720" in argus.pipelines[0]


@pytest.mark.parametrize(
    "rest", ("", "x", "-1", "16", "0?speed=1", "0?flip=8", "0?size=1x1", "0 ! sink", "0?fps=0")
)
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
    probe = (
        "import cv2, sys; sys.exit('GStreamer:                   YES' not in"
        " cv2.getBuildInformation())"
    )
    for python in (sys.executable, "/usr/bin/python3"):
        if (
            os.path.exists(python)
            and subprocess.call([python, "-c", probe], stderr=subprocess.DEVNULL) == 0
        ):
            return python
    pytest.skip("no OpenCV with GStreamer: apt install python3-opencv gstreamer1.0-plugins-base")


def test_a_real_gstreamer_pipeline_ends_in_bgr(gstreamer_opencv):
    """GStreamer's test picture instead of the sensor, everything after it as on a board."""
    code = (
        "from catseye.runtime.sources import csi, open_source\n"
        "from catseye.jetson.cameras.csi import csi_pipeline\n"
        "def twin(*args, **options):\n"
        "    tail = csi_pipeline(*args, **options).partition('flip-method=0 ! ')[2]\n"
        "    return 'videotestsrc is-live=true pattern=red ! videoconvert ! ' + tail.replace(\n"
        "        'BGRx', 'BGRx,width=640,height=360,framerate=30/1', 1)\n"
        "csi.csi_pipeline = twin\n"
        "with open_source('csi://0?freeze_s=0') as source:\n"
        "    frame = next(iter(source))\n"
        "print(frame.image.shape, frame.image[100, 100].tolist(), frame.image.flags.c_contiguous)\n"
    )
    answer = subprocess.run(
        [gstreamer_opencv, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=60,
        cwd=str(ROOT),
        env=dict(os.environ, PYTHONPATH=str(ROOT)),
    )
    assert answer.stdout.decode() == "(360, 640, 3) [0, 0, 255] True\n", answer.stderr.decode()


# opens a csi:// source whose two NVIDIA elements are replaced by their twins; prints what came as
# JSON
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
    print(json.dumps({"shape": image.shape, "dtype": str(image.dtype), "corners": corners,
                      "fps": source.fps, "live": source.live,
                      "times": [frame.timestamp_ns for frame in taken]}))
"""
PATTERN = "videotestsrc is-live=true pattern=smpte75"


def run_twin(python, uri, source=PATTERN):
    return subprocess.run(
        [python, "-c", TWIN, str(ROOT), uri, source], capture_output=True, text=True, timeout=120
    )


def frames_of(python, uri):
    answer = run_twin(python, uri)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout.splitlines()[-1])


def test_frames_through_real_gstreamer(gstreamer_opencv):
    seen = frames_of(gstreamer_opencv, "csi://0?size=1280x720&fps=60")
    assert seen["shape"] == [720, 1280, 3] and seen["dtype"] == "uint8" and seen["live"]
    assert seen["fps"] == 60
    assert seen["times"] == sorted(seen["times"]) and len(set(seen["times"])) == 5


def test_a_flip_turns_the_picture(gstreamer_opencv):
    upright = frames_of(gstreamer_opencv, "csi://0?size=320x240&fps=30")["corners"]
    turned = frames_of(gstreamer_opencv, "csi://0?size=320x240&fps=30&flip=2")["corners"]
    assert np.allclose(upright, turned[::-1], atol=3)
    assert not np.allclose(upright, turned, atol=3)


def test_a_sensor_that_does_not_start_is_one_line_with_its_fix(gstreamer_opencv):
    answer = run_twin(gstreamer_opencv, "csi://0", "nosuchsensor")
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
    monkeypatch.setattr(
        csi, "open_live", lambda opening, description, limits: asked.append((opening, limits))
    )
    monkeypatch.setattr(csi, "opened", lambda sensor_id, mode: (sensor_id, mode))
    csi.open_csi("1?size=640x480&fps=60&flip=6&exposure=100-8000&gain=2&mode=3&read_s=9", "csi://1")
    ((opening, limits),) = asked
    assert (
        opening() == (1, csi.CsiMode((640, 480), 60.0, 6, (100.0, 8000.0), (2.0, 2.0), 3))
        and limits.read_s == 9
    )


@pytest.mark.parametrize(
    "rest",
    (
        "",
        "x",
        "99",
        "0?size=1x1",
        "0?flip=8",
        "0?exposure=0",
        "0?exposure=9-1",
        "0?gain=nan",
        "0?gain=-2",
        "0?exposure=1-inf",
        "0?mode=-1",
        "0?zoom=2",
    ),
)
def test_options_that_no_camera_has(rest):
    with pytest.raises(CatseyeError):
        csi.open_csi(rest, "csi://" + rest)


def test_a_sensor_that_cannot_is_told_before_anything_opens(monkeypatch):
    monkeypatch.setattr(csi, "sensor_names", lambda: ["imx219"])
    with pytest.raises(CatseyeError, match="imx219 has no 1920x1080 at 60"):
        csi.open_csi("0?size=1920x1080&fps=60", "csi://0")
