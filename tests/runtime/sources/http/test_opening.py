"""`http(s)://` by the front door, against a real web server."""

import base64
import shutil
import subprocess
import time

import cv2
import numpy as np
import pytest
from camera_loop import write_video
from camera_server import answer, grey_jpeg, jpeg, noise, stream

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sources import open_source
from catseye.runtime.sources.jpeg import image_from_jpeg


@pytest.mark.parametrize(
    "how",
    (
        {},
        {"declared": '"--frame"'},
        {"status": "application/octet-stream"},  # as ffmpeg's own server says
        {"status": "Multipart/X-Mixed-Replace;BOUNDARY=frame"},
        {"part_type": ""},
    ),
)
def test_motion_jpeg_is_live_and_decoded_as_files_are(server, how):
    picture = jpeg(noise())
    server.routes["/"] = lambda handler: stream(handler, [picture] * 60, 25, **how)
    with open_source(server.uri()) as source:
        frame = next(iter(source))
        assert source.live and source.keeps_time and 0 < source.fps < 30
    assert np.array_equal(frame.image, image_from_jpeg(picture))


def test_torn_pictures_are_dropped_and_counted(server):
    whole, torn = jpeg(noise()), jpeg(noise(1))[:2000]
    server.routes["/"] = lambda handler: stream(handler, [whole, whole, torn] * 300, 50)
    with open_source(server.uri()) as source:
        frames = iter(source)
        for frame in frames:
            assert np.array_equal(frame.image, image_from_jpeg(whole))
            if source.faults["truncated"] >= 5:
                break
        # the one in hand may be older than the count; ten whole ones, 0 to 9, came before it
        frame = [next(frames) for _ in range(2)][-1]
        assert source.faults["lost"] == 0 and frame.index >= 10


def test_a_snapshot_is_polled_and_comes_back(server):
    answers = [grey_jpeg(value) for value in (30, 60, 90)] + [None] * 2
    server.routes["/shot.jpg"] = lambda handler: (
        answer(handler, status=503)
        if answers and answers[0] is None and not answers.pop(0)
        else answer(handler, answers.pop(0) if answers else grey_jpeg(120), "image/jpeg")
    )
    with open_source(server.uri("/shot.jpg") + "#fps=40") as source:
        assert source.live and source.fps <= 40
        for frame in source:
            if frame.image.mean() > 110:
                break
        assert source.faults["lost"] == 1


def test_a_video_file_is_a_file(server, tmp_path):
    path = write_video(tmp_path / "drive.mp4", frames=6)
    body = open(path, "rb").read()
    server.routes["/drive.mp4"] = lambda handler: answer(handler, body, "video/mp4")
    with open_source(server.uri("/drive.mp4", user="me:secret")) as source:
        assert not source.live and source.fps == 25 and "secret" not in source.description
        assert [frame.index for frame in source] == list(range(6)) and source.skipped == 0


def test_a_video_file_behind_a_password(server, tmp_path):
    """FFmpeg reads it, and would take S3/cret@ for something else."""
    body = open(write_video(tmp_path / "drive.mp4", frames=3), "rb").read()

    def route(handler):
        if "Authorization" in handler.headers:
            said.append(base64.b64decode(handler.headers["Authorization"].split()[1]))
            answer(handler, body, "video/mp4")
        else:
            answer(handler, status=401, WWW_Authenticate='Basic realm="x"')

    said = []
    server.routes["/drive.mp4"] = route
    with open_source(server.uri("/drive.mp4", user="me:S3/cret@")) as source:
        assert len(list(source)) == 3
    assert set(said) == {b"me:S3/cret@"} and len(said) >= 2


def test_a_slow_pace_is_no_stall(server):
    server.routes["/"] = lambda handler: answer(handler, grey_jpeg(9), "image/jpeg")
    with open_source(server.uri() + "#fps=2&read_s=0.2") as source:
        frames = iter(source)
        assert [next(frames).index for _ in range(3)] == [0, 1, 2]
        assert sum(source.faults.values()) == 0


@pytest.mark.parametrize(
    "content_type, words",
    (
        ("text/html; charset=utf-8", "gives text/html; expected motion JPEG"),
        ("image/png", "gives image/png"),
        ("application/json", "gives application/json"),
        ("text/plain", "no video from"),
    ),
)
def test_what_gives_no_pictures_is_said(server, content_type, words, capfd):
    server.routes["/"] = lambda handler: answer(handler, b"<html>" * 100, content_type)
    with pytest.raises(CatseyeError, match=words) as caught:
        open_source(server.uri(user="me:secret"))
    assert "secret" not in str(caught.value) and "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("path", ("/x", "/live.m3u8", "/x#backend=ffmpeg"))
def test_why_a_stream_does_not_open_is_said_whoever_reads_it(server, path):
    with pytest.raises(CatseyeError, match="answers 404 Not Found"):
        open_source(server.uri(path))


@pytest.mark.parametrize("options", ("fps=0", "fps=fast", "insecure=yes", "speed=1"))
def test_hostile_options_are_one_line(server, options):
    with pytest.raises(CatseyeError, match="such as http://") as caught:
        open_source(server.uri() + "#" + options)
    assert "\n" not in str(caught.value) and not server.asked


def test_the_rate_is_learnt_once(server):
    """A camera that comes back does not wait for it again."""
    server.routes["/"] = lambda handler: stream(handler, [grey_jpeg(9), grey_jpeg(99)] * 8, 10)
    with open_source(server.uri()) as source:
        begun_s = fps = 0.0
        for _ in source:
            if source.faults["lost"] and not begun_s:
                begun_s, fps = time.monotonic(), source.fps
            if begun_s and source.notice is None:
                break
        assert source.fps == fps and len(server.asked) == 2


def test_the_server_of_ffmpeg(tmp_path, port):
    """`ffmpeg -f mpjpeg` serves one client, and names no kind."""
    if shutil.which("ffmpeg") is None:
        pytest.skip("no ffmpeg")
    command = (
        "ffmpeg -loglevel error -re -f lavfi -i testsrc=size=320x240:rate=10 -c:v mjpeg -t 300"
        " -f mpjpeg -listen 1 http://127.0.0.1:%d/" % port
    )
    with subprocess.Popen(command.split()) as ffmpeg:
        try:
            source = opened_when_it_listens("http://127.0.0.1:%d/" % port)
            with source:
                frame = next(iter(source))
                assert frame.image.shape == (240, 320, 3) and 0 < source.fps < 20
        finally:
            ffmpeg.kill()


def opened_when_it_listens(uri, seconds=20):
    until_s = time.monotonic() + seconds
    while True:
        try:
            return open_source(uri)
        except CatseyeError:
            assert time.monotonic() < until_s
            time.sleep(0.1)


def test_opencv_is_not_asked_for_what_we_read_ourselves(server, monkeypatch):
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: pytest.fail("it was"))
    server.routes["/"] = lambda handler: stream(handler, [grey_jpeg(9)] * 20, 20)
    with open_source(server.uri()) as source:
        next(iter(source))
