import json
import os
import resource

import pytest
from camera_loop import Brightness, frame_of, report_for, write_to

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sinks import EndRun, jsonl, open_sink

KEYS = [
    "schema",
    "index",
    "source",
    "camera",
    "timestamp_ns",
    "media_time_ns",
    "clock",
    "age_ms",
    "skipped",
    "stale",
    "state",
    "why",
    "alarms",
    "failing",
    "health",
    "task",
    "result",
    "stages_ms",
]


def rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_one_row_per_result(tmp_path):
    frame, path = frame_of(200, 7), tmp_path / "rows of a%20b?.jsonl"
    with open_sink("jsonl://" + str(path), 30.0) as sink:
        write_to(sink, frame, age_ms=12.3456, skipped=2, stale=True)
        assert len(rows(path)) == 1  # at once, not when it is closed
        write_to(sink, frame_of(20, 8, "picture"))
    first, second = rows(path)
    assert list(first) == KEYS
    assert first == {
        "schema": 1,
        "index": 7,
        "source": "twin://",
        "camera": None,
        "timestamp_ns": frame.timestamp_ns,
        "media_time_ns": None,
        "clock": "arrived",
        "age_ms": 12.346,
        "skipped": 2,
        "stale": True,
        "state": "ok",
        "why": "",
        "alarms": [],
        "failing": [],
        "health": None,
        "task": "brightness",
        "result": {"bright": 1.0},
        "stages_ms": {"infer": 1.0},
    }
    assert second["source"] == "picture" and second["result"] == {"bright": 0.0}


def test_rows_on_standard_output(capsys):
    with open_sink("jsonl://-", 30.0) as sink:
        write_to(sink, frame_of())
        assert json.loads(capsys.readouterr().out)["schema"] == 1


@pytest.mark.parametrize("older", ('{"old": 1}\n', '{"old": 1}\n{"cut', '{"old": 1}'))
def test_older_rows_stay_and_a_broken_last_line_is_closed_off(tmp_path, older):
    path = tmp_path / "rows"
    path.write_text(older)
    with open_sink("jsonl://" + str(path), 30.0):
        pass
    assert path.read_text() == older
    for index in range(2):
        with open_sink("jsonl://" + str(path), 30.0) as sink:
            write_to(sink, frame_of(index=index))
    lines = path.read_text().splitlines()
    assert lines[:-2] == older.splitlines()
    assert [json.loads(line)["index"] for line in lines[-2:]] == [0, 1]


def test_two_runs_on_one_file_the_second_is_refused(tmp_path):
    path = tmp_path / "rows"
    with open_sink("jsonl://" + str(path), 30.0) as sink:
        for name in (str(path), "%s/./rows" % tmp_path):
            with pytest.raises(CatseyeError, match="another run writes"):
                open_sink("jsonl://" + name, 30.0)
        write_to(sink, frame_of())
    open_sink("jsonl://" + str(path), 30.0).close()
    assert len(rows(path)) == 1


def test_without_a_row_no_file_is_left(tmp_path):
    open_sink("jsonl://%s" % (tmp_path / "rows"), 30.0).close()
    assert os.listdir(str(tmp_path)) == []


def test_a_file_that_is_taken_away_is_made_anew(tmp_path):
    path = tmp_path / "rows"
    with open_sink("jsonl://" + str(path), 30.0) as sink:
        for index in range(3):
            write_to(sink, frame_of(index=index))
            if index == 0:
                path.rename(tmp_path / "rows.1")  # as logrotate does
            if index == 1:
                path.unlink()
    assert [row["index"] for row in rows(tmp_path / "rows.1")] == [0]
    assert [row["index"] for row in rows(path)] == [2]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_one_line():
    with (
        open_sink("jsonl:///dev/full", 30.0) as sink,
        pytest.raises(CatseyeError, match="No space left"),
    ):
        write_to(sink, frame_of())


def test_half_a_row_is_taken_back(tmp_path):
    path = tmp_path / "rows"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with open_sink("jsonl://" + str(path), 30.0) as sink:
        write_to(sink, frame_of())
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 20, limits[1]))
        try:
            with pytest.raises(CatseyeError, match="File too large"):
                write_to(sink, frame_of(index=1))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert len(rows(path)) == 1
        write_to(sink, frame_of(index=2))
    assert [row["index"] for row in rows(path)] == [0, 2]


def test_a_reader_that_leaves_ends_the_run(tmp_path):
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with open_sink("jsonl://" + pipe, 30.0) as sink:
        write_to(sink, frame_of())
        os.close(reader)
        with pytest.raises(EndRun):
            write_to(sink, frame_of())


def test_what_json_cannot_say_is_one_line(tmp_path):
    class Broken(Brightness):
        __slots__ = ()

        def as_json(self):
            return {"bright": float("nan")}

    frame = frame_of()
    with open_sink("jsonl://" + str(tmp_path / "rows"), 30.0) as sink:
        with pytest.raises(CatseyeError, match="catseye verify"):
            sink.write(frame, Broken(frame.image), report_for(frame, Broken(frame.image)))


def test_the_disk_of_a_links_file_is_watched(tmp_path, monkeypatch):
    (tmp_path / "disk").mkdir()
    (tmp_path / "rows").symlink_to(tmp_path / "disk" / "rows")
    watched = []
    monkeypatch.setattr(jsonl, "check_space", lambda folder, wanted: watched.append(folder))
    with open_sink("jsonl://%s" % (tmp_path / "rows"), 30.0) as sink:
        write_to(sink, frame_of(100))
    assert watched == [str(tmp_path / "disk")]
