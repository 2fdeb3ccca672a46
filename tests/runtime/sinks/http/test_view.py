"""What the page shows, without a page: encoded once for many viewers, numbers of a window of
time."""

import threading

import cv2
import numpy as np
import pytest
from camera_loop import about_of, frame_of, report_for, wait_until

from catseye.runtime.classes import ROAD
from catseye.runtime.geometry.camera_model import CameraModel, Mount
from catseye.runtime.geometry.ground_view import GroundView
from catseye.runtime.geometry.lens import Lens
from catseye.runtime.sinks.http import view as module
from catseye.runtime.sinks.http.view import MOST_LOOKERS, View
from catseye.runtime.sinks.viewing import Viewing
from catseye.runtime.sources.faults import Notice
from catseye.runtime.tasks.road_mask import RoadMask


@pytest.fixture
def clock(monkeypatch):
    """[seconds]: what the view takes for the time."""
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def show(view, index=0, size_wh=(64, 40), **facts):
    frame = frame_of(100, index, size_wh=size_wh)
    result = RoadMask(np.full((size_wh[1], size_wh[0]), 3, np.uint8))
    view.show(frame, result, report_for(frame, result, **facts))


def test_many_viewers_share_one_encoding_and_nobody_pays_for_none(monkeypatch):
    view, encoded, real = View(), [], module.encoded
    busy = threading.Event()

    def counted(shown, *how):
        encoded.append(shown.number)
        assert busy.wait(10)  # until all have asked
        return real(shown, *how)

    monkeypatch.setattr(module, "encoded", counted)
    for index in range(3):
        show(view, index)
    assert encoded == []
    found = []

    def look(viewer):
        found.append(view.picture_after(-1, 5.0, viewer))

    threads = [threading.Thread(target=look, args=(str(number),)) for number in range(6)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(view.lookers()) == 6 and encoded != [])
    busy.set()
    for thread in threads:
        thread.join(10)
    assert encoded == [3]
    assert {each.number for each in found} == {3} and len({id(each) for each in found}) == 1


def test_a_viewer_may_look_at_the_doubt_instead():
    """Black where the model is sure; of a result that does not tell, the mask as ever."""
    view, sure = View(), np.full((40, 64), 255, np.uint8)
    show(view)
    plain, none = (view.picture_after(-1, 0.0, "a", layer).coded for layer in ("mask", "doubt"))
    assert plain == none
    frame = frame_of(100, 1, size_wh=(64, 40))
    result = RoadMask(sure // 85, confidence=sure)
    view.show(frame, result, report_for(frame, result))
    mask, doubt = (
        cv2.imdecode(
            np.frombuffer(view.picture_after(-1, 0.0, "a", wanted).coded, np.uint8),
            cv2.IMREAD_COLOR,
        )[60:80]
        for wanted in ("mask", "doubt")
    )
    assert doubt.max() < 20 < mask.max()
    assert view.numbers().as_json()["result"]["doubtful"] == 0


def test_a_viewer_waits_for_another_picture_than_the_one_it_has():
    view, found = View(), []
    assert view.picture_after(-1, 0.0, "a") is None
    show(view)
    assert view.picture_after(1, 0.0, "a") is None
    assert view.picture_after(7, 0.0, "a").number == 1  # of a run before this one
    waiting = threading.Thread(target=lambda: found.append(view.picture_after(1, 10.0, "a")))
    waiting.start()
    show(view, 1)
    waiting.join(10)
    assert found[0].number == 2


def test_the_end_wakes_those_who_wait():
    view, found = View(), []
    waiting = threading.Thread(target=lambda: found.append(view.picture_after(-1, 60.0, "a")))
    waiting.start()
    wait_until(lambda: view.lookers() == {"a"})
    view.end()
    waiting.join(10)
    assert found == [None]


def test_pictures_are_padded_to_whole_blocks_and_wide_ones_shrunk():
    view = View()
    for size_wh, fitted_wh, shape in (
        ((64, 40), (64, 40), (48 + 16 + 32, 64, 3)),
        ((2560, 720), (1280, 360), (368 + 16 + 256, 1280, 3)),
    ):
        show(view, size_wh=size_wh)
        encoded = view.picture_after(-1, 0.0, "a")
        assert encoded.size_wh == fitted_wh
        assert cv2.imdecode(np.frombuffer(encoded.coded, np.uint8), 1).shape == shape


def test_camera_and_layer_do_not_tint_each_other():
    """Where they meet too: a JPEG's halved colours are spread over the pixels beside them."""
    for size_wh in ((640, 360), (641, 361), (1280, 720)):
        view = View()
        show(view, size_wh=size_wh)
        encoded = view.picture_after(-1, 0.0, "a")
        wide, high, top = encoded.layer
        both = cv2.imdecode(np.frombuffer(encoded.coded, np.uint8), 1).astype(int)
        assert np.abs(both[: encoded.size_wh[1]] - 100).max() <= 6
        inside = both[top : top + high, 8 : wide - 8]  # beside the corridor's lines
        assert np.abs(inside - (128, 64, 128)).max() <= 6


def test_a_picture_one_pixel_wide_has_a_layer_too():
    """So is what is fitted into a far wider shape."""
    for size_wh, viewing in (((1, 1), Viewing()), ((10, 4000), Viewing((16, 16)))):
        view = View(viewing)
        show(view, size_wh=size_wh)
        encoded = view.picture_after(-1, 0.0, "a")
        wide, high, top = encoded.layer
        both = cv2.imdecode(np.frombuffer(encoded.coded, np.uint8), 1)
        assert encoded.size_wh[0] == wide == 1 and both[top : top + high].max() > 100


def test_a_picture_is_as_wide_as_it_is_shown_in_a_few_steps():
    """Of which many viewers share one; never wider than without."""
    view = View()
    show(view, size_wh=(1920, 1080))
    for asked, wide in ((1, 320), (320, 320), (321, 640), (900, 960), (1281, 1280), (99999, 1280)):
        found = view.picture_after(-1, 0.0, "a", width=asked)
        assert found.size_wh == (wide, wide * 9 // 16)
        assert cv2.imdecode(np.frombuffer(found.coded, np.uint8), 1).shape[1] == wide
    assert view.picture_after(-1, 0.0, "a").size_wh == (1280, 720)
    one, other = (view.picture_after(-1, 0.0, "a", width=width) for width in (650, 960))
    assert one is other
    large = View(Viewing((1920, 1080)))
    show(large, size_wh=(1920, 1080))
    assert large.picture_after(-1, 0.0, "a", width=1700).size_wh == (1920, 1080)
    small = View()
    show(small, size_wh=(160, 90))
    assert small.picture_after(-1, 0.0, "a", width=1000).size_wh == (160, 90)


def test_who_looks_at_two_sizes_gets_each_at_the_full_rate(clock):
    view = View(Viewing(fps=10.0))
    show(view, 0, size_wh=(640, 360))
    for index in range(1, 4):
        for wide in (320, 640):
            assert view.picture_after(index - 1, 0.0, "a", width=wide).number == index
        clock[0] += 0.11
        show(view, index, size_wh=(640, 360))


def test_latency_and_rate_are_of_the_last_ten_seconds(clock):
    view = View()
    show(view, age_ms=900.0)
    for index in range(5):
        clock[0] = 120.0 + index
        show(view, index, age_ms=10.0)
    numbers = view.numbers()
    assert numbers.latency_ms == {"p50": 10.0, "p95": 10.0, "p99": 10.0}
    assert numbers.fps == 1.0  # four gaps in four seconds
    assert numbers.frames == 6 and numbers.age_sum_ms == 950.0  # of the whole run
    clock[0] = 200.0
    assert view.numbers().fps == 0.0 and view.numbers().quiet_s == 76.0


def test_the_chart_gets_a_point_a_second_and_forgets_the_oldest(clock):
    view = View()
    for index in range(10 * (module.HISTORY + 2)):
        show(view, index, age_ms=float(index))
        clock[0] += 0.125
    history = view.numbers().history
    assert len(history) == module.HISTORY
    assert history[-1][0] > history[0][0] > 0


def test_viewers_are_forgotten_and_not_all_names_are_kept(clock):
    view = View()
    for viewer in ("a", "b", "a"):
        view.picture_after(-1, 0.0, viewer)
    assert view.lookers() == {"a", "b"}
    clock[0] += module.LOOKS_S + 0.1
    view.picture_after(-1, 0.0, "b")
    assert view.lookers() == {"b"}
    for number in range(MOST_LOOKERS + 50):
        view.picture_after(-1, 0.0, "name %d" % number)
    assert len(view.lookers()) == MOST_LOOKERS


def test_a_notice_holds_until_the_next_result():
    view = View()
    view.begin(about_of())
    view.notice(Notice("lost", 0, {"lost": 1}))
    numbers = view.numbers()
    assert numbers.notice.fault == "lost" and numbers.frames == 0 and numbers.faults == {"lost": 1}
    view.notice(Notice("black", 0, {"lost": 1, "black": 1}))
    told = view.numbers().as_json()
    assert told["fault"] == "black" and told["notice"].endswith("(black)")
    assert told["faults"] == {"lost": 1, "black": 1}  # before the camera is back
    assert view.numbers().model == about_of().as_json()  # the card is not for the page
    show(view, stale=True)
    assert view.numbers().as_json()["fault"] == view.numbers().as_json()["notice"] == ""
    assert view.numbers().notice is None and view.numbers().stale == 1


def test_a_viewer_may_look_from_above():
    view, frame = View(), frame_of(100, 1, size_wh=(320, 180))
    camera = CameraModel(Lens(None, (280.0, 280.0)), Mount(1.4, 0.06))
    mask = np.full((180, 320), ROAD, np.uint8)
    ground = GroundView(camera, (320, 180), (320, 180))
    result = RoadMask(mask, view=ground)
    view.show(frame, result, report_for(frame, result))
    plain, above = (view.picture_after(-1, 0.0, "a", layer) for layer in ("mask", "above"))
    assert plain.size_wh == above.size_wh == (320, 180) and plain.coded != above.coded


def test_who_waits_for_the_next_picture_takes_the_one_that_another_got_meanwhile():
    view, found = View(Viewing(fps=0.1)), []
    show(view)
    assert view.picture_after(-1, 0.0, "first").number == 1
    show(view, 1)
    waits = threading.Thread(target=lambda: found.append(view.picture_after(1, 0.0, "second")))
    waits.start()
    wait_until(lambda: "second" in view.lookers())
    view._encode(
        view._newest, (module.MASK, 1280), view._viewing
    )  # somebody else, who was a little earlier
    show(view, 2)
    waits.join()
    assert found[0].number == 2
