"""What becomes of pictures, splits and names, whatever tool the labels are from."""

import json
import re
import shutil
import sys
import zipfile

import cv2
import numpy as np
import pytest
from label_files import rectangle, save_coco, save_mask, save_picture, save_text

from catseye.runtime.datasets.classes_file import read_classes
from catseye.runtime.errors import CatseyeError, SinkError
from catseye.training.labels.importing import check_fresh, placed
from catseye.training.labels.label_set import LabelledPicture
from catseye.training.labels.told import Told

MASK = np.repeat(np.arange(2, dtype=np.uint8), 5)[:, None].repeat(12, axis=1)  # (10, 12)

# an EXIF block that says orientation 6: to be turned clockwise
QUARTER_TURN = (
    b"\xff\xe1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06" + bytes(6)
)


def roboflow(folder, *pictures):
    """The format that wants least: no package, and a table of two rows."""
    save_text(folder / "_classes.csv", "Pixel Value, Class\n0, background\n1, road\n")
    for name in pictures:
        save_picture(folder / name, 12, 10)
        save_mask(folder / (name.rpartition(".")[0] + "_mask.png"), MASK)


def test_pictures_keep_their_bytes_and_masks_are_ids(tmp_path, take):
    roboflow(tmp_path / "rf", "a.jpg", "b.png", "c.bmp")
    taken = take(tmp_path / "rf")
    for name in ("a.jpg", "b.png", "c.bmp"):
        data = (tmp_path / "rf" / name).read_bytes()
        assert (taken.folder / "images" / name).read_bytes() == data
    mask = cv2.imread(str(taken.folder / "masks/a.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(mask, MASK)
    assert json.loads((taken.folder / "classes.json").read_text())["void"] == 255
    assert read_classes(str(taken.folder / "classes.json")).classes == taken.found.table
    assert taken.found.pixels == {"background": 0.5, "road": 0.5, "void": 0}
    assert len(taken.found.table.colours_rgb) == 2


def test_a_zip_is_like_its_folder(tmp_path, take):
    roboflow(tmp_path / "rf", "a.jpg", "b.png")
    path = shutil.make_archive(str(tmp_path / "labels"), "zip", tmp_path / "rf")
    assert take(path).found == take(tmp_path / "rf").found
    save_mask(tmp_path / "rf/a_mask.png", MASK + 1)
    path = shutil.make_archive(str(tmp_path / "labels"), "zip", tmp_path / "rf")
    with pytest.raises(CatseyeError, match="^%s/a_mask.png has pixels of id 2" % re.escape(path)):
        take(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a" * 300 + ".json", "{}")
    with pytest.raises(CatseyeError, match="too long: '%s/aaa" % re.escape(path)):
        take(path)


def test_nothing_is_overwritten_and_nothing_half_is_left(tmp_path, take):
    roboflow(tmp_path / "rf", "a.jpg", "b.png")
    (tmp_path / "set-0").mkdir()  # empty: may be used
    (tmp_path / "set-0").rename(tmp_path / "set-1")
    (tmp_path / "set-1/mine").write_text("")
    with pytest.raises(SinkError, match="a new or empty folder"):
        take(tmp_path / "rf")
    shutil.rmtree(tmp_path / "set-1")
    with pytest.raises(SinkError, match="no folder %s/new for" % re.escape(str(tmp_path))):
        check_fresh(str(tmp_path / "new/set/"))
    data = (tmp_path / "rf/b.png").read_bytes()
    (tmp_path / "rf/b.png").write_bytes(data[: len(data) // 2])
    with pytest.raises(CatseyeError, match="b.png"):
        take(tmp_path / "rf")
    assert [path.name for path in tmp_path.iterdir()] == ["rf"]


def pictures(*names_and_splits):
    return [
        LabelledPicture("/" + name, name, split, name + ".txt") for name, split in names_and_splits
    ]


def places(*names_and_splits):
    told = Told()
    found = placed(pictures(*names_and_splits), told)
    return sorted(f"{place.split}:{place.name}" for place, _ in found), told.as_json()


def test_splits_are_kept_where_train_and_val_are_there():
    found, told = places(("a.png", "train"), ("b.png", "val"), ("c.png", "test"), ("d.png", ""))
    assert found == ["test:c", "train:a", "train:d", "val:b"]
    assert told == {"pictures of no split go to train": 1}
    assert places(("a.png", "train"), ("b.png", "train"))[0] == [":a", ":b"]
    found, told = places(("a.png", "val"), ("b.png", "test"))
    assert found == [":a", ":b"] and len(told) == 1


def test_a_val_that_is_missing_is_the_last_fifth_of_train():
    found, told = places(*((f"{i}.png", "train") for i in range(10)), ("x.png", "test"))
    assert found[:3] == ["test:x", "train:0", "train:1"] and found[-2:] == ["val:8", "val:9"]
    assert told == {"pictures of train become val, which was missing": 2}
    found, _ = places(*((f"{i}.png", "train") for i in range(1, 21)), ("x.png", "test"))
    assert {name for name in found if name[:3] == "val"} == {f"val:{i}" for i in range(17, 21)}


def test_names():
    """The stem, or with folders where stems are alike; they say the sequence."""
    assert places(("front/a.1.png", ""), ("rear/b.png", ""))[0] == [":a.1", ":b"]
    found, _ = places(("images/train/city/1.png", ""), ("images/train/town/1.png", ""))
    assert found == [":city_1", ":town_1"]
    assert places(("..\\front\\a.png", ""), ("b.png", ""))[0] == [":a", ":b"]
    with pytest.raises(CatseyeError, match="a is labelled twice, a.png.txt and a.jpg.txt"):
        places(("a.png", ""), ("a.jpg", ""))
    with pytest.raises(CatseyeError, match="printable"):
        places(("a\n.png", ""), ("b.png", ""))


def test_what_is_no_labels(tmp_path, take):
    with pytest.raises(CatseyeError, match="no folder or zip"):
        take(tmp_path / "gone")
    save_text(tmp_path / "readme/a.txt", "")
    with pytest.raises(CatseyeError, match="no labels known here .* coco, labelme, cvat"):
        take(tmp_path / "readme")
    roboflow(tmp_path / "two", "a.png")
    save_text(tmp_path / "two/a.json", '{"shapes": [], "imagePath": "a.png"}')
    with pytest.raises(CatseyeError, match="as labelme and as roboflow.*--format labelme"):
        take(tmp_path / "two")
    with pytest.raises(CatseyeError, match="its masks have every pixel"):
        take(tmp_path / "two", format="roboflow", order="small")
    with pytest.raises(CatseyeError, match="no labels of voc"):
        take(tmp_path / "two", format="voc")
    taken = take(tmp_path / "two", format="roboflow")
    with pytest.raises(CatseyeError, match="a set of our own kind"):
        take(taken.folder)


@pytest.mark.parametrize("form", ("", "coco"))
def test_labels_that_are_cut_off_are_not_called_unknown(tmp_path, take, form):
    """What a format is known by may be in the part that is missing."""
    save_text(tmp_path / "cut/annotations.json", '{"images": [{"id": 1, "file_na')
    with pytest.raises(CatseyeError, match="annotations.json cannot be read .*; expected JSON"):
        take(tmp_path / "cut", format=form)


@pytest.mark.parametrize("package", ("yaml", "pycocotools"))
def test_a_package_that_is_missing_is_named(package, tmp_path, take, monkeypatch):
    """Whether it reads the file or fills the shapes."""
    monkeypatch.setitem(sys.modules, package, None)
    save_text(tmp_path / "yolo/data.yaml", "names: [a, b]\n")
    save_text(tmp_path / "yolo/labels/a.txt", "0 0 0 1 0 1 1\n")
    save_picture(tmp_path / "yolo/images/a.png")
    with pytest.raises(CatseyeError, match=r"catseye\[labels\]"):
        take(tmp_path / "yolo")
    assert [path.name for path in tmp_path.iterdir()] == ["yolo"]


def test_what_exif_turns_is_stored_upright(tmp_path, take):
    """With labels of what is seen or of what is stored: both are drawn upright then."""
    pytest.importorskip("pycocotools")
    outline = [rectangle(0, 0, 24, 16)]
    for name, width, height in (("seen", 48, 64), ("stored", 64, 48)):
        folder = tmp_path / name
        for part in "ab":
            save_picture(folder / f"{part}.jpg")
            data = (folder / f"{part}.jpg").read_bytes()
            (folder / f"{part}.jpg").write_bytes(data[:2] + QUARTER_TURN + data[2:])
            save_coco(
                folder / f"{part}.json",
                [(1, outline)],
                ["road", "car"],
                file_name=f"{part}.jpg",
                width=width,
                height=height,
            )
        taken = take(folder)
        assert taken.told == {"pictures that EXIF turns are stored upright, as PNG": 2}
        is_road = taken.names("a") == "road"
        assert is_road.shape == (64, 48) and is_road.sum() == 24 * 16
        corner = is_road[:16, :24] if name == "seen" else is_road[:24, -16:]
        assert corner.all()
