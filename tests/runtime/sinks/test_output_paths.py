import itertools
import os

import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sinks import output_paths
from catseye.runtime.sinks.output_paths import (
    check_new_file,
    check_space,
    fresh_folder,
    is_at,
    named,
    names_of,
)


def test_the_names_that_follow_one_another():
    names = itertools.islice(names_of("a.b/out.mp4"), 3)
    assert list(names) == ["a.b/out.mp4", "a.b/out.1.mp4", "a.b/out.2.mp4"]
    assert list(itertools.islice(names_of("a.b/log"), 2)) == ["a.b/log", "a.b/log.1"]


@pytest.mark.parametrize("links", (True, False))
def test_nothing_is_overwritten(tmp_path, monkeypatch, links):
    if not links:  # as on FAT

        def refused(source, target):
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(output_paths.os, "link", refused)
    for number in range(3):
        (tmp_path / "new").write_text(str(number))
        named(str(tmp_path / "new"), str(tmp_path / "out.mp4"))
    found = {name: (tmp_path / name).read_text() for name in os.listdir(str(tmp_path))}
    assert found == {"out.mp4": "0", "out.1.mp4": "1", "out.2.mp4": "2"}


def test_whether_a_file_is_still_there(tmp_path):
    path = tmp_path / "rows"
    with open(str(path), "w") as stream:
        assert is_at(str(path), stream.fileno())
        path.rename(tmp_path / "moved")
        assert not is_at(str(path), stream.fileno())
        path.write_text("another")
        assert not is_at(str(path), stream.fileno())


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
