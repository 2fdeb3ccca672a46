import os

import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sinks import open_sink, output_paths
from catseye.runtime.sinks.output_paths import (
    check_new_file,
    check_space,
    check_will_take,
    fresh_folder,
)


def test_a_folder_on_a_disk_of_its_own_does_not_fill_another(tmp_path, monkeypatch):
    monkeypatch.setattr(output_paths.os.path, "ismount", lambda path: True)
    with pytest.raises(CatseyeError, match="a folder on that disk"):
        fresh_folder(str(tmp_path / "usb"), lambda folder: False)
    assert os.listdir(str(tmp_path)) == ["usb"]


def test_what_would_leave_less_than_the_reserve(tmp_path):
    check_space(str(tmp_path), 1000)
    with pytest.raises(CatseyeError, match="4 MB free"):
        check_space(str(tmp_path), 1 << 60)


def test_trying_leaves_nothing(tmp_path):
    check_new_file(str(tmp_path / "out.mp4"))
    assert os.listdir(str(tmp_path)) == []


def test_a_folder_that_can_be_made_and_one_that_cannot(tmp_path, monkeypatch):
    monkeypatch.chdir(str(tmp_path))
    (tmp_path / "file").write_bytes(b"")
    for folder in (".", "new", "new/new", str(tmp_path / "new")):
        check_will_take(folder)
    assert os.listdir(str(tmp_path)) == ["file"]
    for folder in ("file", "file/new"):
        with pytest.raises(CatseyeError, match="file is no folder"):
            check_will_take(folder)
    with pytest.raises(CatseyeError, match="/proc"):
        check_will_take("/proc/new")


@pytest.mark.parametrize("uri", ("pipe.mp4", "record://pipe.mcap"))
def test_a_pipe_of_that_name_holds_up_nobody(tmp_path, monkeypatch, uri):
    monkeypatch.chdir(tmp_path)
    os.mkfifo(uri.rpartition("/")[2])
    with open_sink(uri, 30.0):  # the next free name will be written
        pass
