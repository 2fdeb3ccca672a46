"""Frames without labels: pictures of a folder, frames of a video, and what is neither."""

import cv2
import numpy as np
import pytest

from catseye.runtime.classes import VOID
from catseye.runtime.errors import CatseyeError, SourceError
from catseye.training.road.unlabelled import unlabelled_frames

BOX_WH = (64, 48)


def test_pictures_of_a_folder(tmp_path):
    for name in ("b.png", "a.jpg"):
        assert cv2.imwrite(str(tmp_path / name), np.full((20, 30, 3), 7, np.uint8))
    frames = unlabelled_frames(str(tmp_path), BOX_WH)
    assert [frame.sequence for frame in frames] == [tmp_path.name] * 2
    assert frames[0].name.endswith("a.jpg")
    image, mask = frames[1].read()
    assert (image == 7).all() and mask.shape == (20, 30) and (mask == VOID).all()


def test_frames_of_a_video_lie_apart(tmp_path):
    path = str(tmp_path / "drive.mp4")
    writer = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*"mp4v"), 10, (128, 96))
    for level in range(12):
        writer.write(np.full((96, 128, 3), 20 * level, np.uint8))
    writer.release()
    frames = unlabelled_frames(path, BOX_WH)
    assert [frame.name for frame in frames] == [f"{path}#{index}" for index in (0, 5, 10)]
    image, mask = frames[1].read()
    assert image.shape == (48, 64, 3) and abs(int(image.mean()) - 100) < 12
    assert (mask == VOID).all()


def test_what_is_neither(tmp_path):
    with pytest.raises(CatseyeError, match="no pictures in"):
        unlabelled_frames(str(tmp_path), BOX_WH)
    with pytest.raises(CatseyeError, match="no .*nothing.mp4"):
        unlabelled_frames(str(tmp_path / "nothing.mp4"), BOX_WH)
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    with pytest.raises(SourceError, match="broken.mp4"):
        unlabelled_frames(str(tmp_path / "broken.mp4"), BOX_WH)
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "a.png").write_bytes(b"no picture")
    with pytest.raises(CatseyeError, match="cannot read .*a.png"):
        unlabelled_frames(str(tmp_path / "torn"), BOX_WH)[0].read()
