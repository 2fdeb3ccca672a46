"""The synthetic camera's script of faults, and cameras that hang, through a live source to the
pipeline's end."""

import threading
import time

import numpy as np
import pytest
from camera_loop import BrightnessTask, FakeEngine, ListSink, wait_until

from catseye.runtime.cameras.feed import Feed
from catseye.runtime.clock.moment import now
from catseye.runtime.errors import SourceError
from catseye.runtime.pipeline import Pipeline
from catseye.runtime.sources import open_source, synthetic
from catseye.runtime.sources.faults import LOST, STALLED, CameraFault, Limits
from catseye.runtime.sources.live.camera import Camera, Shot
from catseye.runtime.sources.live.source import LiveSource, open_live


class QuickStreet:
    """A picture that is another one every moment."""

    def __init__(self, seed, size_wh):
        self.size_wh = size_wh

    def render(self, time_s):
        noise = np.random.RandomState(int(time_s * 1000)).randint(0, 9, self.size_wh[::-1] + (3,))
        return (100 + noise).astype(np.uint8), None


@pytest.fixture
def quick_street(monkeypatch):
    monkeypatch.setattr(synthetic, "Street", QuickStreet)


class NoticedSink(ListSink):
    def __init__(self):
        super().__init__()
        self.notices = []

    def notice(self, notice):
        self.notices.append(notice)


@pytest.mark.parametrize(
    "script, fault",
    (
        ("loss@10+40", "lost"),
        ("stall@10+60", "stalled"),
        ("freeze@10+60", "frozen"),
        ("black@10+60", "black"),
        ("truncated@10+5", "truncated"),
        ("size@10+5", "size"),
    ),
)
def test_the_loop_goes_on_through_every_fault(quick_street, script, fault):
    sink = NoticedSink()
    read_s = 0.3 if fault == "stalled" else 30  # a busy machine may stall by itself
    uri = (
        "synthetic://road?size=64x48&fps=100&frames=150&live=1&freeze_s=0.1&black_s=0.1&read_s=%g&faults=%s"
        % (read_s, script)
    )
    with open_source(uri) as source:
        statistics = Pipeline([Feed(source, BrightnessTask())], FakeEngine(), [sink]).run()
    others = {kind: n for kind, n in statistics.faults.items() if n and kind != fault}
    assert (
        statistics.faults[fault] == 1
        and not others
        or fault == "stalled"
        and statistics.faults[fault] > 0
    )
    assert source.notice is None and sink.rows[-1][0].index > 40  # it came back
    assert all(
        row[0].image.shape == (48, 64, 3) and not (row[0].image[-1] == 128).all()
        for row in sink.rows
    )
    assert sink.rows[-1][2].facts.faults[fault] >= 1
    assert {notice.fault for notice in sink.notices} == (
        set() if fault in ("truncated", "size") else {fault}
    )
    gaps = [row[2].facts.skipped for row in sink.rows]
    assert sum(gaps) == statistics.skipped == sink.rows[-1][0].index + 1 - len(sink.rows)


def run_until_black_is_over(uri, caplog, sinks=()):
    """However long a busy machine takes; the faults and the lines that they got."""
    with open_source(uri) as source:
        looks = ListSink(
            lambda _: pipeline.stop() if source.faults["black"] and not source.notice else None
        )
        pipeline = Pipeline([Feed(source, BrightnessTask())], FakeEngine(), [*sinks, looks])
        statistics = pipeline.run()
    lines = [record.getMessage() for record in caplog.records]
    begun = [line.split("(")[-1] for line in lines if "trying again" in line]
    back = [line.split("(")[-1] for line in lines if "is back" in line]
    return {kind: n for kind, n in statistics.faults.items() if n}, begun, back


def test_several_faults_are_told_apart(quick_street, caplog):
    faults, begun, back = run_until_black_is_over(
        "synthetic://road?size=64x48&fps=100&live=1&freeze_s=0.1&black_s=0.1&read_s=30"
        "&faults=loss@20+20,freeze@90+40,black@250+40",
        caplog,
    )
    assert faults == {"lost": 1, "frozen": 1, "black": 1}
    assert len(begun) == len(back) == 3  # once each, not per attempt


def test_lost_and_black_when_it_comes_back_are_two_outages(quick_street, caplog):
    sink = NoticedSink()
    faults, begun, back = run_until_black_is_over(
        "synthetic://road?size=64x48&fps=100&live=1&black_s=0.2&read_s=30"
        "&faults=loss@20+20,black@40+200",
        caplog,
        [sink],
    )
    assert faults == {"lost": 1, "black": 1}
    assert begun == ["lost); trying again", "black); trying again"] and back == ["lost)", "black)"]
    assert "black" in {notice.fault for notice in sink.notices}


def test_an_outage_that_changes_its_kind_is_told_and_counted_by_each(caplog):
    """It is lost, then its opening fails in another way: one outage of two names."""

    class Gone(Camera):
        def read(self):
            raise CameraFault(LOST, "pulled")

    openings = iter((CameraFault(STALLED, "no answer"), CameraFault(STALLED, "none"), None))

    def reopen():
        fault = next(openings)
        if fault is not None:
            raise fault
        return HangingCamera(threading.Event())

    notices = []
    with LiveSource(Gone(), "twin", 30.0, reopen) as source:
        source.on_wait = lambda: notices.append(source.notice)
        next(iter(source))
    assert {kind: n for kind, n in source.faults.items() if n} == {"lost": 1, "stalled": 1}
    told = {(notice.fault, notice.faults["stalled"]) for notice in notices if notice}
    assert told == {("lost", 0), ("stalled", 1)}
    lines = [record.getMessage() for record in caplog.records]
    assert [line for line in lines if "trying again" in line] == [
        "twin: pulled (lost); trying again",
        "twin: no answer (stalled); trying again",
    ]
    assert lines[-1].endswith("(lost, then stalled)")


class HangingCamera(Camera):
    """Gives one picture; the next read hangs until `let_go`."""

    def __init__(self, let_go):
        self.let_go, self.given, self.closed = let_go, 0, threading.Event()

    def read(self):
        self.given += 1
        if self.given > 1:
            self.let_go.wait(30)
        return Shot(now(), np.random.randint(50, 200, (4, 6, 3)).astype(np.uint8))

    def close(self):
        self.closed.set()


def test_a_read_that_hangs_is_left_behind_and_its_camera_closed_when_it_lets_go():
    let_go, cameras = threading.Event(), []

    def open_camera():
        cameras.append(HangingCamera(let_go))
        return cameras[-1]

    with open_live(open_camera, "twin", Limits(open_s=5, read_s=0.2)) as source:
        frames = iter(source)
        for _ in range(3):  # each from another camera
            next(frames)
        assert source.faults["stalled"] == 2 and len(cameras) == 3
        wait_until(lambda: source.faults["stalled"] == 3)
        time.sleep(0.6)
        assert len(cameras) == 3  # no fourth thread while three hang
        let_go.set()
        next(frames)
        wait_until(lambda: all(camera.closed.is_set() for camera in cameras[:3]))
        begun_s = time.monotonic()
    assert time.monotonic() - begun_s < 4


def test_a_camera_that_hangs_does_not_keep_the_program_from_ending():
    camera = HangingCamera(threading.Event())
    with LiveSource(camera, "twin", 30.0) as source:
        next(iter(source))
        wait_until(lambda: camera.given == 2)
        begun_s = time.monotonic()
    assert time.monotonic() - begun_s < 4
    camera.let_go.set()


def test_an_opening_that_hangs_is_an_error_and_a_late_camera_is_closed():
    let_go, late = threading.Event(), HangingCamera(threading.Event())

    def open_camera():
        assert let_go.wait(10)
        return late

    with pytest.raises(SourceError, match="twin has not opened after 0.1 s"):
        open_live(open_camera, "twin", Limits(open_s=0.1))
    let_go.set()
    assert late.closed.wait(10) and late.given == 0


def test_pauses_between_attempts_grow_and_stop_interrupts_them():
    attempts = []

    class Gone(Camera):
        def read(self):
            raise CameraFault(LOST, "pulled")

    def reopen():
        attempts.append(time.monotonic())
        raise SourceError("no such device")

    with LiveSource(Gone(), "twin", 30.0, reopen) as source:
        threading.Timer(2.2, source.stop).start()
        assert list(source) == []
        assert source.faults["lost"] == 1 and source.notice.fault == "lost"
    pauses = np.diff(attempts)
    assert 2 <= len(attempts) <= 4 and all(
        later > earlier for earlier, later in zip(pauses, pauses[1:])
    )


def test_what_opening_again_cannot_fix_ends_the_source():
    class Broken(Camera):
        def read(self):
            raise SourceError("frames of no colour")

    with (
        LiveSource(Broken(), "twin", 30.0, Broken) as source,
        pytest.raises(SourceError, match="no colour"),
    ):
        list(source)
