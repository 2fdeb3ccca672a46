"""Whose frame is next, by cameras that give a frame when they are told to."""

import threading
from collections import Counter
from contextlib import ExitStack

import pytest
from camera_loop import ScriptedCamera, frame_of, wait_until

from catseye.runtime.cameras.turns import frames_in_turn
from catseye.runtime.errors import CatseyeError, SourceError
from catseye.runtime.sources.base import Source
from catseye.runtime.sources.live.source import LiveSource


class ListFile(Source):
    def __init__(self, frames, error=None):
        self.frames, self.error = frames, error

    def __iter__(self):
        for index in range(self.frames):
            yield frame_of(index=index, size_wh=(6, 4))
        if self.error:
            raise self.error


class Cameras:
    """Live ones by name, in a `with` block; `give` waits until a frame lies there."""

    def __init__(self, *names, **broken):
        self.cameras = {name: ScriptedCamera() for name in names}
        self.cameras.update({name: ScriptedCamera(0, error) for name, error in broken.items()})
        self.sources = {name: LiveSource(each, name, 30.0) for name, each in self.cameras.items()}

    def give(self, name):
        captured = self.sources[name]._captured
        self.cameras[name].release()
        wait_until(lambda: self.sources[name]._captured > captured)

    def end(self):
        for camera in self.cameras.values():
            camera.frames = 0
            camera.release()

    def __enter__(self):
        self._stack = ExitStack()
        for source in self.sources.values():
            self._stack.enter_context(source)
        return self

    def __exit__(self, *_):
        self.end()
        self._stack.close()


def nothing():
    pass


def test_a_lone_source_is_as_it_was_and_carries_its_name():
    for name in ("", "front"):
        with frames_in_turn({name: ListFile(3)}, None, nothing) as frames:
            assert [(frame.camera, frame.index) for frame in frames] == [
                (name, 0),
                (name, 1),
                (name, 2),
            ]


def test_two_fast_cameras_alternate_and_a_slow_one_is_next_when_it_has_a_frame():
    with Cameras("a", "b", "slow") as all_of:
        with frames_in_turn(all_of.sources, None, nothing) as frames:
            served = []
            for turn in range(12):
                all_of.give("a")
                all_of.give("b")
                if turn == 5:
                    all_of.give("slow")
                served.append(next(frames).camera)
            assert served[:6] == ["a", "b", "a", "b", "a", "slow"]
            counts = Counter(served)
            assert counts == {"a": 6, "b": 5, "slow": 1}


def test_a_dead_camera_takes_no_time_and_the_wait_is_told():
    waits = threading.Semaphore(0)
    with Cameras("a", "dead") as all_of:
        with frames_in_turn(all_of.sources, None, waits.release) as frames:
            for _ in range(3):
                all_of.give("a")
                assert (next(frames).camera, all_of.sources["a"].skipped) == ("a", 0)
            loop = threading.Thread(target=lambda: next(frames))
            loop.start()
            assert waits.acquire(timeout=10) and waits.acquire(timeout=10)
            all_of.cameras["dead"].release()
            loop.join(10)
            assert not loop.is_alive()


def test_files_take_turns_never_skip_and_end_each_at_its_own_time():
    files = {"long": ListFile(5), "short": ListFile(2), "empty": ListFile(0)}
    with frames_in_turn(files, None, nothing) as frames:
        taken = [(frame.camera, frame.index) for frame in frames]
    assert [index for name, index in taken if name == "long"] == list(range(5))
    assert [index for name, index in taken if name == "short"] == [0, 1]


def test_a_limit_counts_all_cameras():
    with frames_in_turn({"a": ListFile(9), "b": ListFile(9)}, 5, nothing) as frames:
        assert len(list(frames)) == 5


def test_one_that_fails_is_told_the_others_go_on_and_it_is_raised_in_the_end(caplog):
    torn = SourceError("a torn film")
    with frames_in_turn({"a": ListFile(1, torn), "b": ListFile(6)}, None, nothing) as frames:
        taken = []
        with pytest.raises(CatseyeError, match="a torn film"):
            for frame in frames:
                taken.append(frame.camera)
    assert Counter(taken) == {"a": 1, "b": 6}
    assert "camera a ends, the others go on: a torn film" in caplog.text


def test_a_camera_that_ends_with_an_error_is_raised_too():
    broken = SourceError("the cable is out")
    with Cameras("a", b=broken) as all_of:
        all_of.cameras["a"].frames = 2
        all_of.cameras["a"].release(2)
        with frames_in_turn(all_of.sources, None, nothing) as frames:
            with pytest.raises(CatseyeError, match="the cable is out"):
                assert {frame.camera for frame in frames} == {"a"}


def test_files_and_cameras_stand_in_one_line():
    with Cameras("live") as all_of:
        sources = dict(all_of.sources, film=ListFile(4))
        with frames_in_turn(sources, None, nothing) as frames:
            all_of.give("live")
            served = [next(frames).camera for _ in range(5)]
            assert Counter(served) == {"live": 1, "film": 4} and "live" in served[:2]


def test_a_frame_that_waits_beside_another_is_of_another_camera():
    with Cameras("a", "b") as all_of:
        with frames_in_turn(all_of.sources, 3, nothing) as turns:
            all_of.give("a")
            first = next(turns)
            all_of.give("a")
            assert turns.waiting_beside(first) is None
            all_of.give("b")
            assert turns.waiting_beside(first).camera == "b"
            assert next(turns).camera == "a"
            all_of.give("b")
            assert turns.waiting_beside(first) is None  # three are enough
            assert list(turns) == []
