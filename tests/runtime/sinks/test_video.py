import collections
import os

import cv2
import pytest
from camera_loop import frame_of, read_video, write_to

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sinks import open_sink, places


def test_a_video_of_the_sources_pace(tmp_path):
    path = tmp_path / "out.mp4"
    with open_sink(str(path), 12.5) as sink:
        for index, value in enumerate((255, 155, 55)):
            write_to(sink, frame_of(value, index))
    frames = read_video(path)
    assert [abs(float(frame[:20].mean()) - value) < 6 for frame, value in zip(frames, (0, 100, 200))] == [True] * 3
    assert cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FPS) == 12.5
    assert os.listdir(str(tmp_path)) == ["out.mp4"]


def test_an_error_in_the_loop_keeps_what_was_written(tmp_path):
    with pytest.raises(KeyboardInterrupt), open_sink(str(tmp_path / "out.mp4"), 25.0) as sink:
        write_to(sink, frame_of())
        raise KeyboardInterrupt()
    assert len(read_video(tmp_path / "out.mp4")) == 1


def test_without_a_frame_an_older_video_stays(tmp_path):
    (tmp_path / "out.mp4").write_bytes(b"older")
    with open_sink(str(tmp_path / "out.mp4"), 25.0):
        pass
    assert (tmp_path / "out.mp4").read_bytes() == b"older"


def test_frames_of_other_sizes_are_fitted_not_dropped(tmp_path):
    with open_sink(str(tmp_path / "out.mp4"), 25.0) as sink:
        for size_wh in ((64, 48), (32, 48), (200, 100)):
            write_to(sink, frame_of(200, size_wh=size_wh))
    assert [frame.shape for frame in read_video(tmp_path / "out.mp4")] == [(48, 64, 3)] * 3


def test_odd_sizes_are_written(tmp_path):
    with open_sink(str(tmp_path / "out.mp4"), 25.0) as sink:
        write_to(sink, frame_of(size_wh=(63, 47)))
    assert len(read_video(tmp_path / "out.mp4")) == 1


def test_a_size_no_codec_takes_is_one_line(tmp_path, capfd):
    with pytest.raises(CatseyeError, match="1x1 mp4v"), open_sink(str(tmp_path / "out.mp4"), 25.0) as sink:
        write_to(sink, frame_of(size_wh=(1, 1)))
    assert os.listdir(str(tmp_path)) == [] and capfd.readouterr().err == ""


def test_a_disk_that_fills_ends_with_a_whole_video(tmp_path, monkeypatch):
    with pytest.raises(CatseyeError, match="full"), open_sink(str(tmp_path / "out.mp4"), 25.0) as sink:
        write_to(sink, frame_of())
        disk = collections.namedtuple("disk", "f_bavail f_frsize")(10, 4096)
        monkeypatch.setattr(places.os, "statvfs", lambda folder: disk)
        write_to(sink, frame_of())
    assert len(read_video(tmp_path / "out.mp4")) == 1


def test_a_video_that_cannot_be_finished_is_told(tmp_path, monkeypatch):
    with pytest.raises(CatseyeError, match="could not be finished"), open_sink(str(tmp_path / "out.mp4"), 25.0) as sink:
        write_to(sink, frame_of())
        writer = sink._writer

        class Spoiled:
            def release(self):
                writer.release()
                with open(sink._temporary, "r+b") as stream:
                    stream.truncate(40)  # as a full disk would

        sink._writer = Spoiled()
    assert os.listdir(str(tmp_path)) == []
