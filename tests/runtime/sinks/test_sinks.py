import os

import pytest
from camera_loop import frame_of, read_video, write_to, write_video

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sinks import open_sink, open_sinks
from catseye.runtime.sources import open_source


@pytest.mark.parametrize(
    "uri",
    ("", "out.avi", "record://", "jsonl://", "null://x", "display://1", "ftp://x", "out.mp4.txt"),
)
def test_unknown_sinks_name_those_that_exist(uri, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CatseyeError, match="jsonl://FILE.*null://"):
        open_sink(uri, 30.0)
    assert os.listdir(str(tmp_path)) == []


@pytest.mark.parametrize("uri", ("a\0b", "a\0b.mp4", "record://\0", "jsonl://\ud800", "\ud800/"))
def test_names_that_no_file_can_have(uri):
    with pytest.raises(CatseyeError, match="name that a file can have"):
        open_sink(uri, 30.0)


@pytest.mark.parametrize(
    "uri",
    (
        "/proc/none/out.mp4",
        "/proc/out.mp4",
        "/proc/none",
        "/proc/none/pictures",
        "jsonl:///proc/none/rows",
        "jsonl:///proc/rows",
        "jsonl:///",
        "jsonl:///proc/",
    ),
)
def test_what_cannot_be_written_is_known_before_the_first_frame(uri):
    with pytest.raises(CatseyeError) as caught:
        open_sink(uri, 30.0)
    assert "\n" not in str(caught.value)


def test_files_and_folders_are_not_confused(tmp_path):
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "file").write_text("kept")
    for uri in ("folder.mp4", "file", "file/", "file/x"):
        with pytest.raises(CatseyeError):
            open_sink(str(tmp_path / uri) + ("/" if uri.endswith("/") else ""), 30.0)
    assert (tmp_path / "file").read_text() == "kept"


def test_a_source_is_not_overwritten(tmp_path):
    path = write_video(tmp_path / "v.mp4")
    for uri in (path, "jsonl://" + path):
        with (
            open_source(path) as source,
            pytest.raises(CatseyeError, match="overwrite"),
            open_sinks([uri], {"": source}),
        ):
            pass
    assert len(read_video(path)) == 5


def test_the_model_is_not_overwritten(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"kept")
    with (
        open_source("synthetic://road?size=64x48&frames=1") as source,
        pytest.raises(CatseyeError, match="overwrite the model"),
        open_sinks(["jsonl://%s/./model.onnx" % tmp_path], {"": source}, model=str(path)),
    ):
        pass
    assert path.read_bytes() == b"kept"


def test_the_same_sink_twice_is_refused(tmp_path):
    with (
        open_source(write_video(tmp_path / "v.mp4")) as source,
        pytest.raises(CatseyeError, match="twice"),
    ):
        with open_sinks(["jsonl://-", "jsonl://-"], {"": source}):
            pass


@pytest.mark.parametrize(
    "names, hard",
    (
        (["record://{}/z.mcap", "record://{}/z.mcap?codec=jpeg"], ""),
        (["record://{}/z.mcap?limit=20MB"], "{}/z.mcap?split=1min"),
        (["{}/z.mp4", "{}/./z.mp4#fps=4"], ""),
    ),
)
def test_two_sinks_of_one_place_are_refused(tmp_path, names, hard):
    uris = [name.format(tmp_path) for name in names]
    with (
        open_source("synthetic://road?size=64x48&frames=1") as source,
        pytest.raises(CatseyeError, match="two sinks write to "),
    ):
        with open_sinks(uris, {"": source}, hard.format(tmp_path)):
            pass
    assert os.listdir(str(tmp_path)) == []


def test_one_bad_sink_closes_the_good_ones(tmp_path):
    with open_source(write_video(tmp_path / "v.mp4")) as source, pytest.raises(CatseyeError):
        with open_sinks([str(tmp_path / "out.mp4"), "/proc/none/x.mp4"], {"": source}):
            pass
    assert sorted(os.listdir(str(tmp_path))) == ["v.mp4"]


def test_null_takes_everything():
    with open_sink("null://", 30.0) as sink:
        write_to(sink, frame_of())
