import numpy as np
import pytest
from camera_loop import BrightnessTask, FakeEngine, ListSink, frame_of, write_to

from catseye.runtime.cameras.feed import Feed
from catseye.runtime.cameras.opening import open_cameras
from catseye.runtime.errors import CatseyeError
from catseye.runtime.pipeline import Pipeline
from catseye.runtime.sinks import open_sink, open_sinks
from catseye.runtime.sources import open_source
from catseye.runtime.sources.replay import cameras_in


@pytest.fixture
def log(tmp_path):
    """Three frames of a live source that skipped some, captured long ago."""
    path = str(tmp_path / "log")
    with open_sink("record://" + path, 12.5) as sink:
        for index in (0, 7, 9):
            write_to(sink, frame_of(20 * index, index)._replace(timestamp_ns=10**18 + index))
    return path


def test_frames_come_as_they_were(log):
    with open_source("replay://" + log) as source:
        frames = list(source)
        assert not source.live and source.skipped == 0
        assert (source.fps, source.description) == (12.5, "replay://" + log)
    assert [(frame.index, frame.timestamp_ns) for frame in frames] == [
        (i, 10**18 + i) for i in (0, 7, 9)
    ]
    assert all(np.array_equal(frame.image, frame_of(20 * frame.index).image) for frame in frames)


def test_a_log_is_known_by_its_first_bytes(log):
    with open_source(log) as by_path, open_source("replay://" + log) as by_word:
        assert [frame.index for frame in by_path] == [frame.index for frame in by_word] == [0, 7, 9]


def test_a_replay_is_a_file_that_is_not_skipped_and_not_years_old(log):
    sink = ListSink()
    with open_source("replay://" + log) as source:
        statistics = Pipeline(
            [Feed(source, BrightnessTask())], FakeEngine(), [sink], budget_ms=60000.0
        ).run()
    assert (statistics.frames, statistics.skipped, statistics.stale) == (3, 0, 0)
    assert [row[0].index for row in sink.rows] == [0, 7, 9]


def test_a_replay_does_not_record_over_itself(log):
    with open_source("replay://" + log) as source, pytest.raises(CatseyeError, match="overwrite"):
        with open_sinks(["record://" + log], {"": source}):
            pass


@pytest.mark.parametrize(
    "uri", ("replay://", "replay:///nowhere", "replay:///etc/passwd", "replay:///etc")
)
def test_what_is_no_log_is_one_line(uri):
    with pytest.raises(CatseyeError) as caught:
        open_source(uri)
    assert "\n" not in str(caught.value)


def test_a_log_must_be_named():
    with pytest.raises(CatseyeError, match="no log named; expected its path"):
        open_source("replay://")


@pytest.fixture
def drive(tmp_path):
    """A log of two cameras."""
    path = str(tmp_path / "drive.mcap")
    with open_sink("record://" + path, 12.5, cameras=("front", "left")) as sink:
        for index, camera in ((0, "front"), (3, "left"), (4, "left")):
            write_to(sink, frame_of(20 * index, index)._replace(camera=camera))
    return path


def test_one_camera_of_several_is_named(drive):
    with open_source("replay://%s?camera=left" % drive) as source:
        assert [(frame.index, frame.camera) for frame in source] == [(3, ""), (4, "")]
    with pytest.raises(CatseyeError, match="2 cameras in .*: front, left; expected one; choose"):
        open_source(drive)
    with pytest.raises(CatseyeError, match="no camera right; expected one of its own: front, l"):
        open_source("replay://%s?camera=right" % drive)


def test_a_log_of_named_cameras_stands_for_them_all(drive, log):
    assert cameras_in(drive) == cameras_in("replay://" + drive) == ("front", "left")
    assert cameras_in("replay://%s?camera=left" % drive) == cameras_in(log) == ()
    assert cameras_in("csi://0") == cameras_in("synthetic://road?seed=1") == ()
    with open_cameras({"": drive}) as cameras:
        found = {name: [frame.index for frame in source] for name, source in cameras.items()}
    assert found == {"front": [0], "left": [3, 4]}
    with open_cameras({"x": "replay://%s?camera=front" % drive, "y": log}) as cameras:
        assert list(cameras) == ["x", "y"]
    with pytest.raises(CatseyeError, match="2 cameras in .*choose by"):
        with open_cameras({"x": drive, "y": log}):
            pass
