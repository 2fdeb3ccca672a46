"""GStreamer's encoder behind a pipe, in a Python whose OpenCV has GStreamer."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from gstreamer_python import python_with_gstreamer

from catseye.runtime.coding.gstreamer import ENCODERS, pipe_pipeline

ROOT = Path(__file__).parents[3]
TWIN = """
import json, os, sys
import numpy as np
from catseye.runtime.coding.gstreamer import encoders
from catseye.runtime.errors import SinkError
from catseye.runtime.sinks.avc import beginning, picture_from_annex_b, shown
from catseye.runtime.sinks.piped import PipedEncoder
from catseye.runtime.sources import open_source
encoder = encoders(hardware=False)[0]
before = len(os.listdir("/proc/self/fd"))
film = b""
for size_wh in ((322, 241), (10, 10)):
    piped = PipedEncoder(encoder, size_wh, 30)
    for index in range(12):
        coded = picture_from_annex_b(piped.encoded(
            np.full((size_wh[1], size_wh[0], 3), 20 * index, np.uint8)
        ))
        if size_wh == (322, 241):
            film += (b"" if index else beginning(coded)) + shown(index + 1, coded, index / 10, 0.1)
    piped.close()
    piped.close()
with open(sys.argv[1], "wb") as stream:
    stream.write(film)
left = len(os.listdir("/proc/self/fd")) - before
try:
    PipedEncoder(encoder._replace(properties="no-such-property=1"), (64, 48), 30)
    refused = ""
except SinkError as error:
    refused = str(error)
with open_source(sys.argv[1]) as source:
    frames = list(source)
print(json.dumps({
    "shapes": sorted({frame.image.shape for frame in frames}), "left": left, "refused": refused,
    "codec": coded.codec, "greys": [float(frame.image.mean()) for frame in frames],
}))
"""


def test_each_picture_is_answered_at_once_and_stands_by_itself(tmp_path):
    answer = subprocess.run(
        [python_with_gstreamer(), "-c", TWIN, str(tmp_path / "out.mp4")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=120,
        env=dict(os.environ, PYTHONPATH=str(ROOT)),
    )
    assert answer.returncode == 0, answer.stderr.decode()
    found = json.loads(answer.stdout.decode().splitlines()[-1])
    assert found["shapes"] == [[240, 320, 3]] and found["left"] == 0
    assert found["greys"] == pytest.approx([20 * index for index in range(12)], abs=8)
    assert found["codec"].startswith("avc1.42c0") and "x264enc does not" in found["refused"]


def test_a_board_is_told_that_every_picture_stands_by_itself():
    text = pipe_pipeline(7, ENCODERS[0], 30, (1280, 720))
    assert "nvv4l2h264enc bitrate=8294400 " in text and "iframeinterval=1 idrinterval=1 " in text
    assert text.endswith("multipartmux ! fdsink sync=false fd=7")
