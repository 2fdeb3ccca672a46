"""Names and text; and real GStreamer with elements of software in the places of a board's."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from gstreamer_python import python_with_gstreamer

from catseye.runtime.coding import gstreamer
from catseye.runtime.coding.gstreamer import DECODERS, ENCODERS, Decoder

ROOT = Path(__file__).parents[3]
TWIN = """
import json, logging, sys
import cv2, numpy as np
logging.basicConfig(level=logging.INFO, format="%(message)s")
sys.path.insert(0, sys.argv[2])
from camera_loop import frame_of, write_to
from catseye.runtime.coding import gstreamer
from catseye.runtime.sinks import encoding, open_sink
from catseye.runtime.sources import open_source
board = sys.argv[3] == "board"
software = [each for each in gstreamer.ENCODERS if not each.hardware]
if board:
    gstreamer.DECODERS = (
        gstreamer.Decoder("nosuchdec", "videoconvert"),
        gstreamer.Decoder("openh264dec", "videoconvert"),
    )
    broken = software[0]._replace(properties="no-such-property=1", hardware=True)
    gstreamer.ENCODERS = (
        gstreamer.ENCODERS[0], broken, software[0]._replace(hardware=True), software[1],
    )
encoding.h264_encoder = lambda: None
with open_sink(sys.argv[1], 10.0, keeps_time=True) as sink:
    for index in range(24):
        frame = frame_of(10 * index, index, size_wh=(322, 242))
        write_to(sink, frame._replace(timestamp_ns=10**18 + index * 10**8, since_ns=index * 10**8))
with open_source(sys.argv[1]) as source:
    frames = list(source)
print(json.dumps({
    "way": str(sink._way), "shapes": sorted({frame.image.shape for frame in frames}),
    "greys": [float(frame.image[:100].mean()) for frame in frames],
    "times": [frame.media_time_ns / 1e9 for frame in frames],
}))
"""


@pytest.mark.parametrize("where", ("board", "elsewhere"))
def test_a_film_is_encoded_and_decoded_by_the_first_that_works(tmp_path, where):
    path = str(tmp_path / "out.mp4")
    answer = subprocess.run(
        [python_with_gstreamer(), "-c", TWIN, path, str(ROOT / "tests" / "runtime"), where],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=120,
        env=dict(os.environ, PYTHONPATH=str(ROOT)),
    )
    said = answer.stderr.decode()
    assert answer.returncode == 0, said
    found = json.loads(answer.stdout.decode().splitlines()[-1])
    assert found["way"] == "H.264 by x264enc" and found["shapes"] == [[242, 320, 3]]
    assert found["greys"] == pytest.approx([255 - 10 * index for index in range(24)], abs=8)
    assert found["times"] == pytest.approx([index / 10.0 for index in range(24)], abs=0.02)
    assert ("decoded by openh264dec" in said) == (where == "board")
    assert ("x264enc does not encode here" in said) == (where == "board")
    assert os.listdir(str(tmp_path)) == ["out.mp4"]


def test_without_gstreamer_nothing_is_offered(monkeypatch):
    monkeypatch.setattr(gstreamer, "opencv_has", lambda library: False)
    assert gstreamer.decoder() is None
    assert gstreamer.encoders(True) == gstreamer.encoders(False) == ()


def test_the_first_that_is_there_whole_is_taken(monkeypatch):
    monkeypatch.setattr(gstreamer, "opencv_has", lambda library: True)
    for there, wanted in (
        ({"nvv4l2decoder", "omxh264dec", "nvvidconv"}, DECODERS[0]),
        ({"omxh264dec", "nvvidconv"}, DECODERS[1]),
        ({"nvv4l2decoder"}, None),
    ):
        monkeypatch.setattr(gstreamer, "has_element", there.__contains__)
        assert gstreamer.decoder() == wanted
    monkeypatch.setattr(gstreamer, "has_element", {"nvv4l2h264enc", "nvvidconv"}.__contains__)
    assert gstreamer.encoders(True) == (ENCODERS[0],) and gstreamer.encoders(False) == ()


def test_what_a_board_is_told():
    assert gstreamer.file_pipeline('a" ! x', DECODERS[0]) == (
        'filesrc location="a\\" ! x" ! parsebin ! nvv4l2decoder ! nvvidconv'
        " ! video/x-raw,format=BGRx ! appsink sync=false max-buffers=1"
    )
    pipeline = gstreamer.mp4_pipeline("out.mp4", ENCODERS[0], 30.0, (1920, 1080))
    assert "nvvidconv ! video/x-raw(memory:NVMM),format=NV12 ! nvv4l2h264enc bitrate=7464960 " in (
        pipeline
    )
    assert pipeline.endswith('h264parse ! mp4mux ! filesink location="out.mp4"')
    assert Decoder("a", "b") == ("a", "b")
