import threading

import pytest
from camera_loop import ScriptedCamera, wait_until

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sources.live.source import LiveSource


def test_a_slow_reader_gets_the_newest_frame_and_a_count_of_the_rest():
    camera = ScriptedCamera()
    with LiveSource(camera, "twin", 30.0) as source:
        frames = iter(source)
        camera.release()
        assert next(frames).index == 0 and source.skipped == 0
        camera.release(10)
        wait_until(lambda: camera.given == 11 and source.skipped == 9)
        newest = next(frames)
        assert newest.index == 10 and int(newest.image.mean()) == 10
        camera.release()
        assert next(frames).index == 11 and source.skipped == 9
        threading.Timer(0.2, camera.release).start()  # so that the thread sees that it may end
    assert camera.closed.wait(10)


def test_a_fast_reader_misses_nothing():
    camera = ScriptedCamera(frames=5)
    with LiveSource(camera, "twin", 30.0) as source:
        seen = []
        frames = iter(source)
        for _ in range(5):
            camera.release()
            seen.append(next(frames).index)
        assert next(frames, None) is None
    assert seen == [0, 1, 2, 3, 4] and source.skipped == 0 and source.live


@pytest.mark.parametrize("error", (CatseyeError("the camera left"), RuntimeError("a bug")))
def test_a_failing_camera_fails_in_the_loop_after_its_last_frame(error):
    camera = ScriptedCamera(frames=1, error=error)
    with LiveSource(camera, "twin", 30.0) as source:
        camera.release()
        frames = iter(source)
        wait_until(camera.closed.is_set)
        assert next(frames).index == 0
        with pytest.raises(type(error), match=str(error)):
            next(frames)


def test_stop_wakes_whoever_waits():
    camera = ScriptedCamera()
    with LiveSource(camera, "twin", 30.0) as source:
        threading.Timer(0.05, source.stop).start()
        assert list(source) == []
        threading.Timer(0.2, camera.release).start()


def test_a_source_never_read_still_closes_its_camera():
    camera = ScriptedCamera()
    LiveSource(camera, "twin", 30.0).close()
    assert camera.closed.is_set() and camera.given == 0
