"""Motion JPEG in containers and over RTSP has the pictures that files with its JPEGs would have."""

import shutil
import subprocess

import cv2
import numpy as np
import pytest

from catseye.runtime.sources import open_source
from catseye.runtime.sources.motion_jpeg import gives_packets, image_from_packet

CONTAINERS = ("mjpeg", "mkv", "mov", "avi")


def pictures(count=4):
    grains = np.random.RandomState(0).randint(0, 256, (120, 160, 3)).astype(np.uint8)
    soft = cv2.normalize(cv2.GaussianBlur(grains, (0, 0), 2), None, 0, 255, cv2.NORM_MINMAX)
    return [np.roll(soft, 9 * number, 1) for number in range(count)]


@pytest.fixture
def written(tmp_path):
    """JPEGs one after another in a file, which is what `.mjpeg` is, and the pictures in them."""
    jpegs = [cv2.imencode(".jpg", picture)[1] for picture in pictures()]
    path = tmp_path / "v.mjpeg"
    path.write_bytes(b"".join(each.tobytes() for each in jpegs))
    return path, [cv2.imdecode(each, cv2.IMREAD_COLOR) for each in jpegs]


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_file_of_motion_jpeg_is_decoded_as_its_pictures_would_be(written, container):
    path, expected = written
    if container != "mjpeg":
        if shutil.which("ffmpeg") is None:
            pytest.skip("no ffmpeg")
        source, path = path, path.with_suffix("." + container)
        command = "ffmpeg -loglevel error -i %s -c copy %s" % (source, path)
        subprocess.run(command.split(), check=True)
    with open_source(str(path)) as video:
        frames = list(video)
    assert len(frames) == len(expected)
    assert all(np.array_equal(one.image, other) for one, other in zip(frames, expected))


def test_a_torn_picture_in_a_file_is_left_out_and_said(written, caplog):
    path, expected = written
    data = path.read_bytes()
    second = data.index(b"\xff\xd8\xff", 9)
    third = data.index(b"\xff\xd8\xff", second + 9)
    path.write_bytes(data[: (second + third) // 2] + data[third:])
    with open_source(str(path)) as video:
        frames = list(video)
    assert [frame.index for frame in frames] == [0, 2, 3]
    assert np.array_equal(frames[1].image, expected[2])
    assert "torn pictures left out: 1 of 4" in caplog.text


def test_another_codec_gives_pictures_as_ever(tmp_path):
    path = str(tmp_path / "v.mp4")
    writer = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*"mp4v"), 25, (160, 120))
    for picture in pictures():
        writer.write(picture)
    writer.release()
    capture = cv2.VideoCapture(path)
    assert not gives_packets(capture) and capture.read()[1].shape == (120, 160, 3)


def test_what_is_no_packet_is_no_picture():
    assert not image_from_packet(None).size
    assert not image_from_packet(np.frombuffer(b"\xff\xd8\xff\xd9", np.uint8)).size
