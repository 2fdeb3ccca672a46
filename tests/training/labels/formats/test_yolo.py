"""YOLO segmentation, as ultralytics 8.4 converted it from COCO."""

import pytest
from label_files import WRITTEN, save_picture, save_text

from catseye.runtime.errors import CatseyeError

pytest.importorskip("pycocotools")
pytest.importorskip("yaml")

NAMES = "path: ../datasets/mine\ntrain: %s\nval: %s\nnames:\n  0: road\n  1: car\n"
SQUARE = "0 0 0 0.5 0 0.5 0.5 0 0.5\n"


def save(folder, lines=SQUARE, names=NAMES % ("images/train", "images/val")):
    for split in ("train", "val"):
        save_picture(folder / f"images/{split}/drive_{split}.png")
        save_text(folder / f"labels/{split}/drive_{split}.txt", lines)
    save_text(folder / "data.yaml", names)


def test_what_ultralytics_wrote(tmp_path, take):
    """An object of two parts becomes one outline with a bridge of no width."""
    save(tmp_path / "yolo", (WRITTEN / "ultralytics.txt").read_text())
    taken = take(tmp_path / "yolo")
    assert taken.found.pictures == {"train": 1, "val": 1}
    assert taken.found.order == "small"
    names = taken.names("drive_val")
    assert names[35, 55] == names[25, 30] == "car" and names[40, 55] == "road"
    assert names[20, 5] == "background"


def test_splits_by_the_yaml_or_by_their_folders(tmp_path, take):
    save(tmp_path / "by-folder", names=NAMES % ("../wrong/images", "../wrong/valid/images"))
    assert take(tmp_path / "by-folder").found.pictures == {"train": 1, "val": 1}
    save(tmp_path / "by-yaml", names=NAMES % ("images/val", "[images/train]"))
    assert take(tmp_path / "by-yaml").names("drive_val", "train").shape == (48, 64)


def test_small_shapes_lie_over_large_ones(tmp_path, take):
    small = "1 0.1 0.1 0.2 0.1 0.2 0.2 0.1 0.2\n"
    save(tmp_path / "yolo", small + SQUARE)
    assert (take(tmp_path / "yolo").names("drive_val") == "car").any()
    assert not (take(tmp_path / "yolo", order="file").names("drive_val") == "car").any()


def test_what_has_no_outline(tmp_path, take):
    """No lines: nothing of the classes is there. No file: nobody has looked. Boxes say too
    little."""
    save(tmp_path / "yolo")
    for name in ("empty", "unlabelled", "boxes"):
        save_picture(tmp_path / f"yolo/images/train/{name}.png")
    save_text(tmp_path / "yolo/labels/train/empty.txt", "")
    save_text(tmp_path / "yolo/labels/train/boxes.txt", "0 0.5 0.5 0.1 0.1\n")
    taken = take(tmp_path / "yolo")
    assert set(taken.names("empty").ravel()) == {"background"}
    assert taken.found.pictures == {"train": 2, "val": 1}
    assert taken.told == {
        "boxes, which do not label pixels, left out": 1,
        "pictures without labels, left out": 1,
    }


def test_names_in_a_text_file(tmp_path, take):
    save(tmp_path / "yolo")
    (tmp_path / "yolo/data.yaml").unlink()
    save_text(tmp_path / "yolo/classes.txt", "road\ncar\n")
    assert take(tmp_path / "yolo").found.table.names[:2] == ("road", "car")


WRONG = {
    "has class '7'": "7 0 0 0.5 0 0.5 0.5\n",
    "has class '\u00b2'": "\u00b2 0 0 0.5 0 0.5 0.5\n",
    "has class 'road'": "road 0 0 0.5 0 0.5 0.5\n",
    "is no list of points": "0 0 0 0.5 0 0.5\n0 0 0 0.5 0 0.5 x\n",
    "has 2 points": "0 0 0 0.5 0.5 \n0 0 0.1 0.5 0.5\n0 0 0.1\n",
    "shares from 0 to 1": "0 10 10 50 10 50 50\n",
    "as YOLO segmentation": "0 0.5 0.5 0.1 0.1\n",
}


@pytest.mark.parametrize("said", WRONG)
def test_what_is_wrong_is_one_line(said, tmp_path, take):
    save(tmp_path / "yolo", WRONG[said])
    with pytest.raises(CatseyeError, match=said.replace("2", "1")):
        take(tmp_path / "yolo")


def test_yaml_that_cannot_be_used(tmp_path, take):
    for said, text in {
        "names: .road, car.": "names: 3\n",
        "one class name twice": "names: [road, road]\n",
        "a boolean to YAML": "names: [road, yes]\n",
        "plain YAML": "names: [road\n",
        "aliases": "a: &a [1]\nnames: *a\n",
    }.items():
        save(tmp_path / "yolo", names=text)
        with pytest.raises(CatseyeError, match=said):
            take(tmp_path / "yolo")
