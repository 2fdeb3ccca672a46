"""Cameras that are not there when the run begins."""

import threading

import pytest
from camera_loop import BrightnessTask, FakeEngine, ListSink, ScriptedCamera, wait_until

from catseye.runtime.cameras import awaited
from catseye.runtime.cameras.awaited import AwaitedSource
from catseye.runtime.cameras.feed import Feed
from catseye.runtime.cameras.opening import open_cameras
from catseye.runtime.cameras.turns import frames_in_turn
from catseye.runtime.errors import SourceError
from catseye.runtime.pipeline import Pipeline
from catseye.runtime.sources.base import Source
from catseye.runtime.sources.live.source import LiveSource

GONE = SourceError("nobody answers at rtsp://front")


class Door:
    """Opens the camera once it is told to."""

    def __init__(self, opens=None):
        self.camera, self.tried, self.open = ScriptedCamera(), threading.Semaphore(0), False
        self.opens = opens or (lambda: LiveSource(self.camera, "front", 30.0))

    def __call__(self):
        self.tried.release()
        if not self.open:
            raise GONE
        return self.opens()


def end(camera):
    """So that no read of it hangs, which closing would wait for."""
    camera.frames = 0
    camera.release()


@pytest.fixture(autouse=True)
def no_patience(monkeypatch):
    monkeypatch.setattr(awaited, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(awaited, "LONGEST_PAUSE_S", 0.02)


def test_it_is_lost_until_it_opens_and_then_gives_frames(caplog):
    door = Door()
    with AwaitedSource(door, "front", GONE) as source:
        source.start()
        for _ in range(3):
            assert door.tried.acquire(timeout=10)
        assert source.newest() is None and not source.is_over
        assert (source.notice.fault, source.notice.reason) == ("lost", GONE.found)
        assert source.faults["lost"] == 1
        door.open = True
        door.camera.release()
        wait_until(lambda: source.notice is None)
        frames = []
        wait_until(lambda: frames.append(source.newest()) or frames[-1] is not None)
        assert source.faults["lost"] == 1 and source.faults["black"] == 0
        end(door.camera)
    assert door.camera.closed.wait(10)
    assert [record.getMessage() for record in caplog.records].count("front is there now") == 1


def test_its_frames_wake_the_turns():
    door = Door()
    door.open = True
    with AwaitedSource(door, "front", GONE) as source:
        dead = ScriptedCamera()
        others = LiveSource(dead, "left", 30.0)
        with others, frames_in_turn({"a": source, "b": others}, 1, lambda: None) as frames:
            door.camera.release()
            assert [frame.camera for frame in frames] == ["a"]
            end(dead)
            end(door.camera)


def test_a_film_is_no_camera():
    class Film(Source):
        closed = False

        def __iter__(self):
            return iter(())

        def close(self):
            self.closed = True

    film = Film()
    door = Door(lambda: film)
    door.open = True
    with AwaitedSource(door, "http://front", GONE) as source:
        source.start()
        wait_until(lambda: film.closed and "video file" in source.notice.reason)


def test_what_opens_too_late_is_closed_again():
    door, entered, leave = Door(), threading.Event(), threading.Event()
    film = LiveSource(door.camera, "front", 30.0)

    def opens():
        entered.set()
        assert leave.wait(10)
        return film

    door.opens, door.open = opens, True
    source = AwaitedSource(door, "front", GONE)
    source.start()
    assert entered.wait(10)
    source.stop()
    assert source.is_over
    leave.set()
    source.close()
    assert door.camera.closed.wait(10) and source.newest() is None


def test_a_run_begins_without_it_and_says_so(tmp_path, caplog):
    live = "synthetic://road?size=32x32&fps=500&frames=4&live=1&seed=%d"
    with open_cameras({"a": live % 1 + "&faults=loss@0+1", "b": live % 2}) as cameras:
        assert isinstance(cameras["a"], AwaitedSource)
        assert "camera a is awaited, the others begin: the synthetic camera is gone" in caplog.text
        sink = ListSink()
        feeds = [Feed(source, BrightnessTask(), name) for name, source in cameras.items()]
        pipeline = Pipeline(feeds, FakeEngine(), [sink], frames=2)
        statistics = pipeline.run()
    assert statistics.cameras[0].faults["lost"] == 1
    with pytest.raises(SourceError, match="gone at frame 0"):  # a lone one is not awaited
        with open_cameras({"a": live % 1 + "&faults=loss@0+1"}):
            pass
    with pytest.raises(SourceError, match="gone at frame 0"):  # nor are all
        with open_cameras({seed: live % ord(seed) + "&faults=loss@0+1" for seed in "ab"}):
            pass
