import logging
import os

import cv2
import numpy as np
import pytest
from camera_loop import write_video

from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import now_ns
from catseye.runtime.sources import open_source


def test_every_frame_in_order(tmp_path):
    path = write_video(tmp_path / "v.mp4", frames=5, fps=25)
    before = now_ns()
    with open_source(path) as source:
        frames = list(source)
    assert (
        source.fps == 25 and not source.live and source.skipped == 0 and source.description == path
    )
    assert [frame.index for frame in frames] == list(range(5))
    for frame in frames:
        assert abs(float(frame.image.mean()) - 40 * frame.index) < 6  # mp4v loses a little
        assert before <= frame.timestamp_ns <= now_ns() and frame.name == ""


@pytest.mark.parametrize("content", (b"", b"not a video" * 100, None))
def test_no_video_is_one_line(tmp_path, capfd, content):
    path = tmp_path / "v.mp4"
    if content is None:  # a header and no frame
        write_video(path, frames=0)
    else:
        path.write_bytes(content)
    with pytest.raises(CatseyeError, match="no frame in") as caught:
        open_source(str(path))
    assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


def test_a_percent_sign_is_no_pattern(tmp_path):
    with open_source(write_video(tmp_path / "v%02d 100%.mp4", frames=2)) as source:
        assert len(list(source)) == 2


def test_a_video_that_ends_early_is_told(tmp_path, caplog):
    path = str(tmp_path / "v.avi")
    writer = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*"MJPG"), 25, (64, 48))
    for image in np.random.RandomState(0).randint(0, 255, (40, 48, 64, 3)).astype(np.uint8):
        writer.write(image)
    writer.release()
    os.truncate(path, int(os.path.getsize(path) * 0.6))
    with caplog.at_level(logging.WARNING), open_source(path) as source:
        frames = list(source)
    assert 0 < len(frames) < 40
    assert "is it whole" in caplog.text


def test_it_knows_its_own_file(tmp_path):
    path = write_video(tmp_path / "v.mp4")
    with open_source(path) as source:
        assert source.overwritten_by(str(tmp_path / "." / "v.mp4")) and not source.overwritten_by(
            str(tmp_path)
        )
