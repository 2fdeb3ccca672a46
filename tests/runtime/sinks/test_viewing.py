"""`#size=` and `#fps=`: which sinks take them, and what becomes of the pictures."""

import os
import threading

import cv2
import numpy as np
import pytest
from camera_loop import Brightness, frame_of, read_video, report_for, result_for, write_to

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sinks import check_sink, open_sink
from catseye.runtime.sinks.http.view import View
from catseye.runtime.sinks.viewing import Viewing, viewing_from_address
from catseye.runtime.tasks.road_mask import RoadMask


@pytest.mark.parametrize(
    "uri, told",
    (
        ("out.mp4", ("out.mp4", Viewing())),
        ("out#1.mp4", ("out#1.mp4", Viewing())),
        ("a#b.mp4#size=64x48", ("a#b.mp4", Viewing((64, 48)))),
        ("display://#fps=2.5", ("display://", Viewing(None, 2.5))),
        ("http://[::1]:0?token=a#fps=10&size=1280x720",
         ("http://[::1]:0?token=a", Viewing((1280, 720), 10.0))),
    ),
)  # fmt: skip
def test_what_stands_behind_an_address(uri, told):
    assert viewing_from_address(uri) == told


@pytest.mark.parametrize(
    "uri",
    ("out.mp4#size=1x1", "out.mp4#size=64", "out.mp4#fps=0", "out.mp4#fps=5&such=1",
     "null://#fps=5", "out#size=64x48", "record://log#fps=5", "jsonl://rows#size=64x48"),
)  # fmt: skip
def test_what_does_not_fit_is_one_line(uri, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CatseyeError) as caught:
        open_sink(uri, 30.0)
    assert "\n" not in str(caught.value) and os.listdir(str(tmp_path)) == []


def test_an_address_of_a_page_is_checked_without_them():
    check_sink("http://127.0.0.1:8080#size=640x360")


def test_a_video_of_a_size_and_a_pace(tmp_path):
    with open_sink(str(tmp_path / "out.mp4") + "#size=64x64&fps=10", 30.0) as sink:
        assert sink.path == str(tmp_path / "out.mp4")
        for index in range(7):
            write_to(sink, frame_of(20 * index, index, size_wh=(320, 240)))
    frames = read_video(tmp_path / "out.mp4")
    assert [frame.shape for frame in frames] == [(48, 64, 3)] * 3
    assert [255 - frame[:20].mean() for frame in frames] == pytest.approx([0, 60, 120], abs=6)
    capture = cv2.VideoCapture(str(tmp_path / "out.mp4"))
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(10, abs=0.1)


def test_what_is_not_wanted_is_not_drawn(tmp_path):
    Brightness.drawn.clear()
    with open_sink(str(tmp_path / "out.mp4") + "#fps=10", 30.0) as sink:
        for index in range(7):
            write_to(sink, frame_of(index=index))
    assert len(Brightness.drawn) == 3


def test_a_picture_is_drawn_once_for_all_who_want_its_size():
    frame = frame_of(200, size_wh=(320, 240))
    report, small = report_for(frame, result_for(frame)), Viewing((64, 64))
    Brightness.drawn.clear()
    assert report.lined_for(small) is report.lined_for(Viewing((64, 48)))
    assert report.lined_for(Viewing((640, 640))).picture is report.annotated
    assert report.lined_for(small).picture.shape == (48, 64, 3) and len(Brightness.drawn) == 2


def test_a_mask_is_drawn_at_the_size_that_is_wanted():
    frame, mask = frame_of(100, size_wh=(320, 240)), np.full((24, 32), 3, np.uint8)
    result = RoadMask(mask, frame_wh=(320, 240))
    picture = report_for(frame, result).lined_for(Viewing((160, 160))).picture
    told = result.drawn_on(frame.image[::2, ::2])
    assert np.array_equal(picture[:90], told[:90])  # above the line


def test_the_page_has_the_size_and_no_more_pictures_than_are_wanted():
    view = View(Viewing((64, 64), fps=0.01))
    for number in (1, 2):
        frame = frame_of(100, number, size_wh=(320, 240))
        view.show(frame, result_for(frame), report_for(frame, result_for(frame)))
        if number == 1:
            first = view.picture_after(-1, 1.0, "one")
            assert first.number == 1 and first.size_wh == (64, 48)
    assert view.picture_after(-1, 1.0, "another") is first  # who has none gets that at once
    threading.Timer(0.1, view.end).start()
    assert view.picture_after(1, 1.0, "one") is None  # it would have come after 100 seconds
