"""A Python whose OpenCV has GStreamer, with the elements that stand for a board's."""

import functools
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROBE = """
from catseye.runtime.coding.gstreamer import has_element
from catseye.runtime.system.opencv_build import opencv_has
names = ("x264enc", "openh264dec", "h264parse", "mp4mux", "parsebin")
raise SystemExit(not (opencv_has("GStreamer") and all(map(has_element, names))))
"""


def python_with_gstreamer():
    """Its path; skips the test where there is none."""
    found = _found()
    if found is None:
        pytest.skip(
            "no OpenCV with GStreamer and H.264: apt install python3-opencv"
            " gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly"
        )
    return found


@functools.lru_cache(maxsize=1)
def _found():
    env = dict(os.environ, PYTHONPATH=str(ROOT))
    for python in (sys.executable, "/usr/bin/python3"):
        if os.path.exists(python) and not subprocess.call(
            [python, "-c", PROBE], env=env, stderr=subprocess.DEVNULL
        ):
            return python
    return None
