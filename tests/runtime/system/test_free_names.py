import itertools
import os

import pytest

from catseye.runtime.system import free_names
from catseye.runtime.system.free_names import is_at, named, names_of


def test_the_names_that_follow_one_another():
    names = itertools.islice(names_of("a.b/out.mp4"), 3)
    assert list(names) == ["a.b/out.mp4", "a.b/out.1.mp4", "a.b/out.2.mp4"]
    assert list(itertools.islice(names_of("a.b/log"), 2)) == ["a.b/log", "a.b/log.1"]


@pytest.mark.parametrize("links", (True, False))
def test_nothing_is_overwritten(tmp_path, monkeypatch, links):
    if not links:  # as on FAT

        def refused(source, target):
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(free_names.os, "link", refused)
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
