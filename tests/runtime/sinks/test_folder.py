import collections
import os

import cv2
import numpy as np
import pytest
from camera_loop import frame_of, report_for, write_to

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sinks import open_sink, output_paths


def test_overlay_and_mask_by_name_and_by_index(tmp_path):
    with open_sink(str(tmp_path / "out"), 30.0) as sink:
        write_to(sink, frame_of(200, 3, "street"))
        write_to(sink, frame_of(20, 4))
    assert sorted(os.listdir(str(tmp_path / "out"))) == [
        "000004.mask.png",
        "000004.png",
        "street.mask.png",
        "street.png",
    ]
    overlay = cv2.imread(str(tmp_path / "out" / "street.png"))
    assert np.array_equal(overlay, np.full((48, 64, 3), 55, np.uint8))  # no timings in it
    masks = [
        cv2.imread(str(tmp_path / "out" / name), cv2.IMREAD_UNCHANGED)
        for name in ("street.mask.png", "000004.mask.png")
    ]
    assert [mask.dtype for mask in masks] == [np.uint8] * 2 and [mask.ndim for mask in masks] == [
        2,
        2,
    ]
    assert (masks[0] == 1).all() and (masks[1] == 0).all()


def test_a_result_without_mask_has_no_mask_file(tmp_path):
    class Words:
        task = "words"

        def drawn_on(self, image):
            return image

    frame = frame_of()
    with open_sink(str(tmp_path), 30.0) as sink:
        sink.write(frame, Words(), report_for(frame, Words()))
    assert os.listdir(str(tmp_path)) == ["000000.png"]


def test_a_name_with_a_dot_is_a_folder_where_it_ends_so(tmp_path):
    with open_sink(str(tmp_path / "v1.2") + "/", 30.0) as sink:
        write_to(sink, frame_of(name="a"))
    assert (tmp_path / "v1.2" / "a.png").exists()


def test_a_full_disk_is_one_line_and_keeps_the_rest(tmp_path, monkeypatch):
    """4 MB stay free, whatever the size of the next picture."""
    disk = collections.namedtuple("disk", "f_bavail f_frsize")
    with open_sink(str(tmp_path), 30.0) as sink:
        write_to(sink, frame_of(index=0))
        monkeypatch.setattr(output_paths.os, "statvfs", lambda folder: disk((4 << 20) + 10, 1))
        with pytest.raises(CatseyeError, match="full"):
            write_to(sink, frame_of(index=1))
    assert sorted(os.listdir(str(tmp_path))) == ["000000.mask.png", "000000.png"]


def test_an_earlier_runs_pictures_are_kept_and_the_next_free_folder_taken(tmp_path):
    for value in (200, 20, 100):
        with open_sink(str(tmp_path / "out"), 30.0) as sink:
            write_to(sink, frame_of(value, name="street"))
            with pytest.raises(CatseyeError, match="another run writes"):
                open_sink(str(tmp_path / "out"), 30.0)
    assert sorted(os.listdir(str(tmp_path))) == ["out", "out.1", "out.2"]
    seen = [cv2.imread(str(tmp_path / name / "street.png")) for name in ("out", "out.1", "out.2")]
    assert [int(picture[0, 0, 0]) for picture in seen] == [55, 235, 155]


def test_a_limited_folder_goes_on_and_loses_no_name(tmp_path):
    uri = "folder://%s?limit=1MB" % (tmp_path / "out")
    for value in (200, 20, 100):
        with open_sink(uri, 30.0) as sink:
            write_to(sink, frame_of(value))
            with pytest.raises(CatseyeError, match="another run writes"):
                open_sink(uri, 30.0)
    names = ["000000.png", "000000.1.png", "000000.2.png"]
    seen = [cv2.imread(str(tmp_path / "out" / name)) for name in names]
    assert [int(picture[0, 0, 0]) for picture in seen] == [55, 235, 155]
    assert (tmp_path / "out" / "000000.2.mask.png").exists()


def test_with_a_limit_the_oldest_pictures_make_room(tmp_path):
    noise = np.random.RandomState(1).randint(0, 256, (48, 64, 3)).astype(np.uint8)
    path = tmp_path / "out?limit=1"  # literally
    uri = "folder://%s?limit=100kB" % path

    def sizes():
        return {
            name: os.path.getsize(str(path / name))
            for name in os.listdir(str(path))
            if name.endswith(".png")
        }

    for run in range(2):  # the second one finds the pictures of the first
        with open_sink(uri, 30.0) as sink:
            for index in range(30):
                write_to(sink, frame_of(index=100 * run + index)._replace(image=noise + index))
        kept = sizes()
        assert 80000 < sum(kept.values()) <= 100000
        assert (
            sorted(kept)[-1] == "%06d%s.png" % (100 * run + 29, ".1" * run)
            and "%06d%s.png" % (100 * run, ".1" * run) not in kept
        )


@pytest.mark.parametrize(
    "rest",
    (
        "",
        "?limit=1MB",
        "x?limit=",
        "x?limit=0MB",
        "x?limit=0.0001kB",
        "x?limit=5",
        "x?limit=-1MB",
        "x?limit=1MB?limit=2",
        "x?limit=2000TB",
    ),
)
def test_a_limit_that_says_nothing(rest, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CatseyeError):
        open_sink("folder://" + rest, 30.0)
    assert os.listdir(str(tmp_path)) == []


def test_a_limit_never_removes_what_others_wrote(tmp_path):
    (tmp_path / "holiday.png").write_bytes(b"precious")
    with pytest.raises(CatseyeError, match="empty folder"):
        open_sink("folder://%s?limit=1kB" % tmp_path, 30.0)
    with open_sink("folder://%s" % tmp_path, 30.0) as sink:
        write_to(sink, frame_of())
    assert (tmp_path / "holiday.png").read_bytes() == b"precious"


def test_the_folder_one_works_in_gets_a_neighbour_with_a_name(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    (tmp_path / "here/old.png").write_bytes(b"")
    monkeypatch.chdir(tmp_path / "here")
    with open_sink(".", 30.0) as sink:
        assert sink.path == str(tmp_path / "here.1")
