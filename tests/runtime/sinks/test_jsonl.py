import json
import os

import pytest
from camera_loop import Brightness, frame_of, report_for, write_to

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sinks import EndRun, open_sink

KEYS = [
    "schema",
    "index",
    "source",
    "timestamp_ns",
    "age_ms",
    "skipped",
    "stale",
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
        "timestamp_ns": frame.timestamp_ns,
        "age_ms": 12.346,
        "skipped": 2,
        "stale": True,
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


def test_older_rows_go_only_when_there_are_new_ones(tmp_path):
    path = tmp_path / "rows"
    path.write_text("older")
    with open_sink("jsonl://" + str(path), 30.0):
        pass
    assert path.read_text() == "older"
    with open_sink("jsonl://" + str(path), 30.0) as sink:
        write_to(sink, frame_of())
    assert len(rows(path)) == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_one_line():
    with (
        open_sink("jsonl:///dev/full", 30.0) as sink,
        pytest.raises(CatseyeError, match="No space left"),
    ):
        write_to(sink, frame_of())


def test_half_a_row_is_taken_back(tmp_path):
    path = tmp_path / "rows"
    with open_sink("jsonl://" + str(path), 30.0) as sink:
        write_to(sink, frame_of())
        stream = sink._stream

        class AlmostFull:
            def write(self, row):
                return stream.write(row[:20])

            def __getattr__(self, name):
                return getattr(stream, name)

        sink._stream = AlmostFull()
        with pytest.raises(CatseyeError, match="No space left"):
            write_to(sink, frame_of())
    assert len(rows(path)) == 1


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
