"""Files are whole or not there."""

import os
import resource
import stat

import pytest

from catseye.runtime.errors import CatseyeError, SinkError
from catseye.runtime.system.files import (
    read_bytes,
    write_bytes,
    write_together,
    written_beside,
)


def test_a_block_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.bin"
    write_bytes(str(path), b"old")
    with pytest.raises(RuntimeError), written_beside(str(path)) as temporary:
        open(temporary, "wb").write(b"half")
        raise RuntimeError
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["a.bin"]


def test_the_temporary_name_keeps_the_suffix(tmp_path):
    with written_beside(str(tmp_path / "movie.mp4")) as temporary:
        assert temporary.endswith(".mp4") and os.path.dirname(temporary) == str(tmp_path)


def test_permissions_are_the_usual_ones(tmp_path):
    write_bytes(str(tmp_path / "a"), b"")
    open(str(tmp_path / "b"), "w").close()
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CatseyeError, match="cannot write"):
        write_bytes(str(tmp_path / "file" / "below"), b"")


def test_of_two_files_none_is_new_beside_an_old_one(tmp_path, monkeypatch):
    """What a reader sees at every rename: the second file is missing or right."""
    first, second = tmp_path / "first", tmp_path / "second"
    write_together((str(first), b"1"), (str(second), b"1"))
    seen, rename = [], os.replace

    def watched(source, target):
        seen.append((first.read_bytes(), second.exists()))
        rename(source, target)

    monkeypatch.setattr(os, "replace", watched)
    write_together((str(first), b"2"), (str(second), b"2"))
    assert seen == [(b"1", False), (b"2", False)]
    assert first.read_bytes() == second.read_bytes() == b"2"
    assert sorted(os.listdir(tmp_path)) == ["first", "second"]


def test_no_room_for_two_files_leaves_both_as_they_were(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    write_together((str(first), b"1"), (str(second), b"1"))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(CatseyeError, match="cannot write .*first: File too large"):
            write_together((str(first), b"2" * 2000), (str(second), b"2"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert first.read_bytes() == second.read_bytes() == b"1"
    assert sorted(os.listdir(tmp_path)) == ["first", "second"]


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CatseyeError, match="cannot read"):
        read_bytes(str(tmp_path / "nowhere"))


def test_a_device_or_a_pipe_is_not_replaced(tmp_path):
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    with pytest.raises(SinkError, match="a device or a pipe"):
        write_bytes(pipe, b"x")
    with pytest.raises(SinkError, match="a device or a pipe"):
        with written_beside(pipe):
            pass
    assert os.listdir(str(tmp_path)) == ["pipe"] and stat.S_ISFIFO(os.stat(pipe).st_mode)


def test_a_name_that_no_file_can_have_is_one_line():
    with pytest.raises(CatseyeError, match="cannot read .*null byte"):
        read_bytes("a\0b")
