"""A zip that is taken, and those that are not."""

import stat
import zipfile

import pytest

from catseye.runtime.errors import CatseyeError
from catseye.training.labels import unpacking
from catseye.training.labels.unpacking import unpack


def archive(path, *members, packing=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", packing) as stream:
        for name, content in members:
            stream.writestr(name, content)
    return str(path)


def test_what_a_format_may_hold_is_taken(tmp_path):
    path = archive(
        tmp_path / "a.zip",
        ("train/", ""),
        ("train/a.jpg", b"picture"),
        ("annotations.xml", "x"),
        ("val\\b.jpg", b"picture"),  # as Windows' Compress-Archive writes
        ("run.sh", "x"),
        ("__MACOSX/a.jpg", "x"),
    )
    folder = tmp_path / "out"
    folder.mkdir()
    unpack(path, str(folder))
    files = sorted(str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file())
    assert files == ["annotations.xml", "train/a.jpg", "val/b.jpg"]


@pytest.mark.parametrize("name", ("../a.jpg", "/a.jpg", "x/../../a.jpg", "..\\a.jpg", "C:\\a.jpg"))
def test_paths_that_lead_outside(name, tmp_path):
    with pytest.raises(CatseyeError, match="leads outside"):
        unpack(archive(tmp_path / "a.zip", (name, b"")), str(tmp_path))


def test_links_devices_and_what_comes_twice(tmp_path):
    link = zipfile.ZipInfo("a.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(CatseyeError, match="a link or device"):
        unpack(archive(tmp_path / "a.zip", (link, "/etc/passwd")), str(tmp_path))
    with pytest.warns(UserWarning, match="Duplicate"):
        path = archive(tmp_path / "b.zip", ("a.jpg", b"1"), ("a.jpg", b"2"))
    with pytest.raises(CatseyeError, match="twice"):
        unpack(path, str(tmp_path))


def test_bounds(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "PACKING_COUNTS_FROM", 1 << 20)
    path = archive(tmp_path / "a.zip", ("a.png", bytes(1 << 21)))
    with pytest.raises(CatseyeError, match="2 MB packed into 2 kB"):
        unpack(path, str(tmp_path))
    monkeypatch.setattr(unpacking, "PACKING_COUNTS_FROM", 1 << 30)
    monkeypatch.setattr(unpacking, "MOST_BYTES", 1 << 20)
    path = archive(tmp_path / "b.zip", ("a.png", bytes(1 << 21)))
    with pytest.raises(CatseyeError, match="unpacks to 0.0 GB"):
        unpack(path, str(tmp_path))
    monkeypatch.setattr(unpacking, "MOST_FILES", 1)
    path = archive(tmp_path / "c.zip", ("a.png", b""), ("b.png", b""))
    with pytest.raises(CatseyeError, match="holds 2 files"):
        unpack(path, str(tmp_path))
    assert not (tmp_path / "a.png").exists()


def test_what_is_no_whole_zip(tmp_path):
    path = archive(tmp_path / "a.zip", ("a.png", b"abc"), packing=zipfile.ZIP_STORED)
    data = (tmp_path / "a.zip").read_bytes()
    for damaged in (b"", data[:20], data.replace(b"abc", b"abd")):
        (tmp_path / "a.zip").write_bytes(damaged)
        with pytest.raises(CatseyeError, match="a whole zip"):
            unpack(path, str(tmp_path / "out"))
