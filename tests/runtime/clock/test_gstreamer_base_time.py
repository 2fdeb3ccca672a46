"""A pipeline's base time, with the OpenCV of a system that has GStreamer; without one, nothing is
known and nothing breaks."""

import ctypes
import json
import os
import subprocess
import sys

import pytest
from house import ROOT

from catseye.runtime.clock import gstreamer_base_time
from catseye.runtime.clock.gstreamer_base_time import SAID, base_time_of_pipeline

# two csi:// cameras with GStreamer's test picture for a sensor, which a queue holds back
TWIN = """
import json, sys, threading, time
sys.path.insert(0, sys.argv[1])
from catseye.runtime.sources import csi, open_source
true_pipeline = csi.csi_pipeline

def twin(sensor_id, mode, takes_bgrx=True):
    rest = true_pipeline(sensor_id, mode, takes_bgrx).split(" ! ", 1)[1]
    rest = rest.replace("(memory:NVMM)", "").replace("nvvidconv flip-method=0", "videoconvert")
    held = "queue max-size-buffers=0 min-threshold-time=%d" % (2 * 10**8 * sensor_id)
    return "videotestsrc is-live=true ! " + held + " ! " + rest

csi.csi_pipeline = twin
told, before_s = {}, time.monotonic()

def look(sensor_id):
    with open_source("csi://%d?size=64x48&fps=30&freeze_s=0" % sensor_id) as source:
        frames = iter(source)
        taken = [next(frames) for _ in range(25)][-5:]
        ages_s = [time.monotonic() - frame.since_ns / 1e9 for frame in taken]
        told[sensor_id] = {"clocks": sorted({frame.clock for frame in taken}), "age_s": min(ages_s)}

lookers = [threading.Thread(target=look, args=(sensor_id,)) for sensor_id in (0, 2)]
for looker in lookers:
    looker.start()
for looker in lookers:
    looker.join()
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def gstreamer_opencv():
    probe = "import cv2, re, sys; told = cv2.getBuildInformation();"
    probe += "sys.exit(not re.search('GStreamer: +YES', told))"
    for python in (sys.executable, "/usr/bin/python3"):
        if os.path.exists(python):
            if not subprocess.run([python, "-c", probe], stderr=subprocess.DEVNULL).returncode:
                return python
    pytest.skip("no OpenCV with GStreamer: apt install python3-opencv gstreamer1.0-plugins-base")


def looked(python, **environment):
    answer = subprocess.run(
        [python, "-c", TWIN, str(ROOT)],
        capture_output=True,
        text=True,
        timeout=120,
        env=dict(os.environ, **environment),
    )
    assert answer.returncode == 0, answer.stderr
    assert "base_time" not in answer.stderr  # its log is not printed
    return json.loads(answer.stdout.splitlines()[-1])


def test_a_frame_is_of_the_moment_of_its_buffer_however_long_it_was_held_back(gstreamer_opencv):
    """Two cameras that open at once: each has its own base time."""
    told = looked(gstreamer_opencv)
    assert told["0"]["clocks"] == told["2"]["clocks"] == ["captured"]
    assert told["0"]["age_s"] < told["2"]["age_s"] - 0.25  # of 0.4, rounded off


def test_who_looks_at_the_log_himself_keeps_it(gstreamer_opencv):
    told = looked(gstreamer_opencv, GST_DEBUG="*:1")
    assert told["0"]["clocks"] == ["arrived"]


def test_without_gstreamer_nothing_is_known(monkeypatch):
    monkeypatch.delenv("GST_DEBUG", raising=False)
    monkeypatch.setattr(gstreamer_base_time, "LIBRARY", "libnosuch.so.0")
    monkeypatch.setattr(gstreamer_base_time, "_listener", gstreamer_base_time._Listener())
    with base_time_of_pipeline() as base_time_ns:
        assert base_time_ns() is None
    assert base_time_ns() is None


def test_only_what_sets_the_base_time_is_taken():
    assert SAID.match(b"set base_time=1:02:03.000000004, old 0:00:00.000000000")
    assert not SAID.match(b"set start_time=1:02:03.000000004")
    assert not SAID.match(b"set base_time=99:99:99.99")
    assert issubclass(gstreamer_base_time.LOG_FUNCTION, ctypes._CFuncPtr)
