"""A program catches errors by kind; people read one line of three parts."""

import pytest

from catseye.runtime.errors import CatseyeError, ModelFileError, SinkError, SourceError
from catseye.runtime.recording.log import LogReader
from catseye.runtime.sinks import open_sink
from catseye.runtime.sources import open_source
from catseye.runtime.sources.faults import CameraFault
from catseye.runtime.system.files import make_folder, read_bytes, write_bytes


def sink_at(address):
    return open_sink(address, 30.0)


@pytest.mark.parametrize(
    "action, argument, kind",
    (
        (open_source, "nowhere.png", SourceError),
        (open_source, "TMP", SourceError),
        (open_source, "TMP/*.png", SourceError),
        (open_source, "TMP/damaged.png", SourceError),
        (open_source, "TMP/damaged.mp4", SourceError),
        (open_source, "v4l2:///dev/nowhere", SourceError),
        (open_source, "v4l2:///dev/null?fps=0", CatseyeError),
        (open_source, "synthetic://sea", CatseyeError),
        (open_source, "sea://", CatseyeError),
        (open_source, "replay://TMP/damaged.mp4", ModelFileError),
        (LogReader, "TMP/nowhere.mcap", ModelFileError),
        (sink_at, "TMP/nowhere/out.mp4", SinkError),
        (sink_at, "jsonl://TMP", SinkError),
        (sink_at, "folder://TMP?limit=1MB", SinkError),
        (sink_at, "folder://TMP?limit=0MB", CatseyeError),
        (sink_at, "record://TMP/nowhere/log", SinkError),
        (sink_at, "dataset://TMP/damaged.png/more", SinkError),
        (sink_at, "http://127.0.0.1:99999", CatseyeError),
        (sink_at, "sea://", CatseyeError),
        (make_folder, "TMP/damaged.png/more", SinkError),
        (read_bytes, "TMP/nowhere", CatseyeError),
        (lambda path: read_bytes(path, ModelFileError), "TMP/nowhere", ModelFileError),
        (lambda path: write_bytes(path, b""), "TMP/damaged.png/more", SinkError),
    ),
)
def test_the_kind_of_an_error(action, argument, kind, tmp_path):
    (tmp_path / "folder").mkdir()
    for name in ("damaged.png", "damaged.mp4"):
        (tmp_path / name).write_bytes(b"no picture")
    folder = tmp_path / "folder" if argument == "TMP" else tmp_path
    with pytest.raises(CatseyeError) as caught:
        for _ in action(argument.replace("TMP", str(folder))):
            pass
    assert type(caught.value) is kind and "\n" not in str(caught.value)


def test_a_camera_that_is_gone_is_a_source_that_cannot_be_read():
    assert issubclass(CameraFault, SourceError)


def test_the_three_parts_are_kept_beside_the_line():
    error = CatseyeError("a\nfile", "a folder", "make it")
    assert (error.found, error.expected, error.fix) == ("a\nfile", "a folder", "make it")
    assert str(error) == "a file; expected a folder; make it"
