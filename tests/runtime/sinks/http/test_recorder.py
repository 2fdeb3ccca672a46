import os

import pytest
from camera_loop import about_of, frame_of, report_for, wait_until

from catseye.runtime.errors import CatseyeError
from catseye.runtime.recording.log import LogReader
from catseye.runtime.recording.repair import is_cut_short
from catseye.runtime.sinks.http import recorder as module
from catseye.runtime.sinks.http.recorder import Recorder
from catseye.runtime.tasks.road_mask import RoadMask


@pytest.fixture
def recorder(tmp_path):
    recorder = Recorder(str(tmp_path / "recordings"), 25.0)
    recorder.begin(about_of())
    yield recorder
    recorder.stop()


def write(recorder, index):
    frame = frame_of(100, index)
    result = RoadMask(frame.image[..., 0] * 0)
    recorder.write(frame, result, report_for(frame, result))


def test_only_what_comes_between_start_and_stop_is_kept(recorder, tmp_path):
    write(recorder, 0)
    assert recorder.status().as_json() == {"on": False, "last": ""}
    assert not (tmp_path / "recordings").exists()
    recorder.start()
    for index in (1, 2):
        write(recorder, index)
        wait_until(lambda: recorder.status().took.written == index)  # noqa: B023
    recorder.stop()
    write(recorder, 3)
    path = recorder.status().path
    log = LogReader(path)
    assert [entry.frame.index for entry in log] == [1, 2] and log.metadata["model"] == "tiny"


def test_what_a_killed_run_left_in_the_folder_is_finished(recorder, tmp_path):
    recorder.start()
    write(recorder, 0)
    recorder.stop()
    path = recorder.status().path
    with open(path, "r+b") as stream:
        stream.truncate(os.path.getsize(path) - 40)
    assert is_cut_short(path)
    recorder.start()
    assert not is_cut_short(path)


def test_one_recording_at_a_time(recorder):
    recorder.start()
    with pytest.raises(CatseyeError, match="runs already"):
        recorder.start()
    recorder.stop()
    recorder.stop()  # a second time does nothing


def test_two_recordings_are_two_files(recorder, tmp_path, monkeypatch):
    for name in ("20260101-000000.mcap", "20260101-000001.mcap"):
        monkeypatch.setattr(module.time, "strftime", lambda form: name)  # noqa: B023
        recorder.start()
        write(recorder, 0)
        wait_until(lambda: recorder.status().took.written == 1)
        recorder.stop()
    assert sorted(os.listdir(str(tmp_path / "recordings"))) == [
        "20260101-000000.mcap",
        "20260101-000001.mcap",
    ]


def test_where_nothing_can_be_written_none_runs(recorder, tmp_path):
    (tmp_path / "recordings").write_bytes(b"in the way")
    with pytest.raises(CatseyeError):
        recorder.start()
    assert recorder.status().took is None


def test_what_is_told_is_the_file_that_is_there(recorder, tmp_path, monkeypatch):
    monkeypatch.setattr(module.time, "strftime", lambda form: "now.mcap")  # twice in one second
    for name in ("now.mcap", "now.1.mcap"):
        recorder.start()
        write(recorder, 0)
        wait_until(lambda: recorder.status().took.written)
        assert recorder.status().path == str(tmp_path / "recordings" / name)
        recorder.stop()
        assert recorder.status().path == str(tmp_path / "recordings" / name)
    recorder.start()
    recorder.stop()
    assert recorder.status().path == ""  # without a frame there is no file
