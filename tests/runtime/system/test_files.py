"""Files are whole or not there."""

import os

import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.files import read_bytes, write_bytes, written_beside


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


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CatseyeError, match="cannot read"):
        read_bytes(str(tmp_path / "nowhere"))
