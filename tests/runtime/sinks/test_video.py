import collections
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest
from camera_loop import frame_of, read_video, report_for, result_for, wait_until, write_to

from catseye.runtime.coding.h264 import h264_encoder
from catseye.runtime.errors import CatseyeError
from catseye.runtime.sinks import encoding, open_sink, output_paths, video
from catseye.runtime.sinks.background import BackgroundSink
from catseye.runtime.sources.faults import Notice


@pytest.fixture(params=("H.264", "MPEG-4"), autouse=True)
def encoder(request, monkeypatch):
    """Every test with both encoders."""
    if request.param == "MPEG-4":
        monkeypatch.setattr(encoding, "h264_encoder", lambda: None)
    elif h264_encoder() is None:
        pytest.skip("PyAV is not installed")
    return request.param


def times_of(path):
    """When each picture is shown, in seconds, as FFmpeg reads it."""
    capture, times = cv2.VideoCapture(str(path)), []
    while capture.grab():
        times.append(capture.get(cv2.CAP_PROP_POS_MSEC) / 1e3)
    return times


def test_a_live_picture_is_shown_when_it_was_captured(tmp_path):
    path, captured_s = tmp_path / "out.mp4", (0.0, 0.3, 0.65, 0.9, 1.8, 2.0, 2.4)
    with open_sink(str(path), 30.0, keeps_time=True) as sink:
        for index, at_s in enumerate(captured_s):
            frame = frame_of(30 * index, index)._replace(since_ns=10**18 + int(at_s * 1e9))
            write_to(sink, frame)
    assert times_of(path) == pytest.approx(captured_s, abs=0.002)
    assert [round(255 - frame[:20].mean(), -1) for frame in read_video(path)] == pytest.approx(
        [30 * index for index in range(7)], abs=6
    )


def test_which_codec_it_is(tmp_path, encoder, caplog):
    caplog.set_level("INFO")
    path = tmp_path / "out.mp4"
    with open_sink(str(path), 25.0) as sink:
        write_to(sink, frame_of())
    head = path.read_bytes()[:2000]
    assert (b"avc1" in head, b"mp4v" in head) == (encoder == "H.264", encoder == "MPEG-4")
    assert ("browsers do not play" in caplog.text) == (encoder == "MPEG-4")


def test_a_video_of_the_sources_pace(tmp_path):
    path = tmp_path / "out.mp4"
    with open_sink(str(path), 12.5) as sink:
        for index, value in enumerate((255, 155, 55)):
            write_to(sink, frame_of(value, index))
    frames = read_video(path)
    assert [
        abs(float(frame[:20].mean()) - value) < 6 for frame, value in zip(frames, (0, 100, 200))
    ] == [True] * 3
    assert cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FPS) == 12.5
    assert os.listdir(str(tmp_path)) == ["out.mp4"]


def test_without_a_camera_the_last_picture_stands_still_with_the_notice(tmp_path, monkeypatch):
    clock = [50.0]
    monkeypatch.setattr(video.time, "monotonic", lambda: clock[0])
    with open_sink(str(tmp_path / "out.mp4"), 5.0) as sink:
        sink.notice(Notice("lost", 0))  # nothing to show yet, and no size
        # 0.1 s: less than a frame, nothing is added
        for index, seconds in enumerate((0.0, 2.0, 1.1, 0.1, 900.0)):
            clock[0] += seconds
            if index == 0:
                write_to(sink, frame_of(255, size_wh=(320, 240)))
            else:
                sink.notice(Notice("lost", 0))
        write_to(sink, frame_of(55, 1, size_wh=(320, 240)))
    frames = read_video(tmp_path / "out.mp4")
    assert len(frames) == 1 + 3 + 1
    for still in frames[1:-1]:
        assert abs(float(still[:200].mean()) - 0) < 6  # the picture before
        # white words on its black plate
        assert still[215:, :260].std() > 40 > frames[-1][100:200, :260].std()
    assert abs(float(frames[-1][:200].mean()) - 200) < 6


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


@pytest.mark.parametrize("size_wh", ((63, 47), (1, 1), (1, 7), (2, 1)))
def test_odd_and_tiny_sizes_are_written(tmp_path, size_wh):
    with open_sink(str(tmp_path / "out.mp4"), 25.0) as sink:
        write_to(sink, frame_of(200, size_wh=size_wh))
    (frame,) = read_video(tmp_path / "out.mp4")
    assert frame.shape[1::-1] == tuple(max(2, side // 2 * 2) for side in size_wh)


def test_a_disk_that_fills_ends_with_a_whole_video(tmp_path, monkeypatch):
    with (
        pytest.raises(CatseyeError, match="full"),
        open_sink(str(tmp_path / "out.mp4"), 25.0) as sink,
    ):
        write_to(sink, frame_of())
        disk = collections.namedtuple("disk", "f_bavail f_frsize")(10, 4096)
        monkeypatch.setattr(output_paths.os, "statvfs", lambda folder: disk)
        write_to(sink, frame_of())
    assert len(read_video(tmp_path / "out.mp4")) == 1


def test_a_piece_that_is_cut_off_is_told_and_the_rest_plays(tmp_path, monkeypatch):
    whole = video._Piece.finished
    with (
        pytest.raises(CatseyeError, match="not whole"),
        open_sink(str(tmp_path / "out.mp4"), 2.0) as sink,
    ):
        for index in range(4):
            write_to(sink, frame_of(index=index))
        # as a full disk would
        monkeypatch.setattr(video._Piece, "finished", lambda piece: whole(piece)[:-40])
        write_to(sink, frame_of(index=4))
    assert len(read_video(tmp_path / "out.mp4")) == 4
    assert os.listdir(str(tmp_path)) == ["out.mp4"]


def test_pieces_play_as_one_video(tmp_path):
    path = tmp_path / "out.mp4"
    with open_sink(str(path), 5.0) as sink:
        for index in range(23):
            write_to(sink, frame_of(10 * index, index))
            if index == 12:  # two seconds are on the disk, the third is not complete
                assert len(read_video(path)) == 10
    frames = read_video(path)
    assert [
        abs(float(frame[:20].mean()) - (255 - 10 * index)) < 6 for index, frame in enumerate(frames)
    ] == [True] * 23
    capture = cv2.VideoCapture(str(path))
    assert (capture.get(cv2.CAP_PROP_FPS), capture.get(cv2.CAP_PROP_FRAME_COUNT)) == (5.0, 23.0)


def test_an_older_video_is_kept_and_the_next_free_name_taken(tmp_path, caplog):
    caplog.set_level("INFO")
    path = tmp_path / "out.mp4"
    path.write_bytes(b"older")
    for run in range(2):
        with open_sink(str(path), 3.0) as sink:
            for index in range(3 + run):
                write_to(sink, frame_of(index=index))
    assert path.read_bytes() == b"older"
    assert [len(read_video(tmp_path / name)) for name in ("out.1.mp4", "out.2.mp4")] == [3, 4]
    assert "out.mp4 is there: this run writes" in caplog.text


def test_a_second_run_on_a_video_that_is_written_is_refused(tmp_path):
    path = str(tmp_path / "out.mp4")
    (tmp_path / "out.mp4").write_bytes(b"older")
    with open_sink(path, 1.0) as sink:
        write_to(sink, frame_of())
        with pytest.raises(CatseyeError, match="another run writes .*out.1.mp4"):
            open_sink(path, 1.0)
    open_sink(path, 1.0).close()


def test_what_does_not_get_onto_the_disk_is_not_told_as_written(tmp_path, monkeypatch):
    """Three results wait in the piece when it cannot be appended, the fourth completes it."""
    sink = BackgroundSink(open_sink(str(tmp_path / "out.mp4"), 4.0), "out.mp4", newest_wins=False)
    monkeypatch.setattr(video._Piece, "finished", lambda piece: b"")
    with sink:
        for index in range(4):
            write_to(sink, frame_of(index=index))
        wait_until(lambda: sink.statistics().lost == 4)
    assert sink.statistics().written == 0 and os.listdir(str(tmp_path)) == []


def test_a_killed_program_leaves_a_video_that_plays(tmp_path, encoder):
    code = (
        "import os, sys; sys.path.insert(0, sys.argv[1])\n"
        "from camera_loop import frame_of, write_to\n"
        "from catseye.runtime.sinks import encoding, open_sink\n"
        "if sys.argv[3] == 'MPEG-4': encoding.h264_encoder = lambda: None\n"
        "sink = open_sink(sys.argv[2], 10.0)\n"
        "for index in range(35): write_to(sink, frame_of(100, index))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    arguments = [
        sys.executable,
        "-c",
        code,
        os.path.dirname(os.path.dirname(__file__)),
        str(tmp_path / "out.mp4"),
        encoder,
    ]
    assert subprocess.run(arguments).returncode == -9
    assert len(read_video(tmp_path / "out.mp4")) == 30
    assert os.listdir(str(tmp_path)) == ["out.mp4"]


@pytest.mark.parametrize("size_wh", ((96, 66), (98, 64), (100, 70), (97, 67)))
def test_every_size_has_its_rows_and_colours(tmp_path, encoder, size_wh):
    rows, columns = np.mgrid[: size_wh[1], : size_wh[0]]
    image = np.stack((rows + 90, columns + 70, (rows + columns) // 2 + 40), -1).astype(np.uint8)
    frame = frame_of(size_wh=size_wh)._replace(image=image)
    with open_sink(str(tmp_path / "out.mp4"), 25.0) as sink:
        write_to(sink, frame)
        shown = report_for(frame, result_for(frame)).annotated
    (back,) = read_video(tmp_path / "out.mp4")
    height, width = back.shape[:2]
    assert 0 <= size_wh[0] - width <= 1 and 0 <= size_wh[1] - height <= 1
    assert np.abs(back.astype(int) - shown[:height, :width]).mean() < 8
