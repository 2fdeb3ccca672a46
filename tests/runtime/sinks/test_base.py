import numpy as np
from camera_loop import Brightness, frame_of, report_for, result_for

from catseye.runtime.sinks.viewing import Viewing
from catseye.runtime.timing import Series


def test_pictures_are_drawn_once_and_not_unasked():
    frame = frame_of(200)
    Brightness.drawn.clear()
    report = report_for(frame, result_for(frame))
    assert Brightness.drawn == []
    assert report.overlay is report.overlay and report.annotated is report.annotated
    assert len(Brightness.drawn) == 1


def test_the_line_is_on_the_annotated_picture_only():
    frame = frame_of(200)
    report = report_for(frame, result_for(frame))
    assert np.array_equal(report.overlay, 255 - frame.image)
    changed = (report.annotated != report.overlay).any(axis=2)  # (H, W)
    assert changed.any() and not changed[: len(changed) // 2].any()


def test_the_line_tells_age_skips_and_staleness():
    ages = Series()
    ages.add(12.0)
    frame = frame_of(200, size_wh=(400, 40))
    pictures = [
        report_for(frame, result_for(frame), **facts).annotated
        for facts in ({}, {"ages": ages}, {"skipped_in_all": 7}, {"stale": True})
    ]
    for number, one in enumerate(pictures):
        assert not any(np.array_equal(one, other) for other in pictures[number + 1 :])


def test_the_overlay_is_told_from_the_annotated_picture_whichever_is_asked_for_first():
    frame = frame_of(200, size_wh=(90, 30))  # the line is longer than the picture
    one, other = (report_for(frame, result_for(frame)) for _ in range(2))
    annotated, overlay = one.annotated.copy(), other.overlay.copy()
    assert np.array_equal(one.overlay, overlay) and np.array_equal(other.annotated, annotated)
    assert np.array_equal(one.annotated, annotated) and np.array_equal(other.overlay, overlay)


def test_another_line_takes_the_place_of_the_line():
    frame = frame_of(200, size_wh=(400, 40))
    report = report_for(frame, result_for(frame))
    before = report.annotated.copy()
    picture = report.lined_for(Viewing()).with_line("no camera")
    assert np.array_equal(report.annotated, before)
    assert np.array_equal(picture[:, 200:], report.overlay[:, 200:])
    assert not np.array_equal(picture, report.overlay)
