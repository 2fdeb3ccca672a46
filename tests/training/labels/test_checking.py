"""What a set holds, and all that is wrong with it."""

import cv2
import numpy as np
import pytest
from label_files import save_mask, save_picture, save_text, unwatched

from catseye.runtime.errors import CatseyeError
from catseye.training.labels.checking import check_set
from catseye.training.labels.told import Told

CLASSES = """{"classes": [{"name": "Road", "id": 0, "colour": [128, 64, 128]},
 {"name": "Grass", "id": 4, "colour": [0, 128, 0]}, {"name": "Sky", "id": 9, "colour": [9, 9, 9]}],
 "void": 255, "road": "Road"}"""
MASK = np.array([0, 4, 255], np.uint8)[np.arange(3)[:, None].repeat(4, axis=1)]  # (3, 4)


def a_set(folder, *names):
    save_text(folder / "classes.json", CLASSES)
    for name in names:
        save_picture(folder / "images" / name, 4, 3)
        save_mask(folder / "masks" / (name.rpartition(".")[0] + ".png"), MASK)


def test_counts_and_examples(tmp_path):
    a_set(tmp_path / "set", "a.png", "b.jpg")
    save_mask(tmp_path / "set/masks/b.png", MASK * 0)
    wrong = Told()
    found = check_set(str(tmp_path / "set"), wrong, unwatched, str(tmp_path / "seen"))
    assert wrong.as_json() == {}
    assert found.pictures == {"": 2} and found.sizes == {"4x3": 2} and found.road == "Road"
    assert {name: tuple(count) for name, count in found.classes.items()} == {
        "Road": (16, 2),
        "Grass": (4, 1),
        "Sky": (0, 0),
        "void": (4, 1),
    }
    assert cv2.imread(str(tmp_path / "seen/b.png")).shape == (3, 4, 3)


def test_all_that_is_wrong_is_counted(tmp_path):
    folder = tmp_path / "set"
    a_set(folder, "a.png", "b.png", "c.png", "d.png", "e.png", "f.png")
    save_picture(folder / "images/a.jpg", 4, 3)
    save_picture(folder / "images/alone.png", 4, 3)
    save_mask(folder / "masks/lost.png", MASK)
    save_mask(folder / "masks/b.png", MASK.T)
    (folder / "masks/c.png").write_bytes(b"")
    (folder / "images/d.png").write_bytes(b"")
    save_mask(folder / "masks/e.png", MASK + 7)
    save_mask(folder / "masks/f.png", np.dstack([MASK + 7] * 3))
    wrong = Told()
    found = check_set(str(folder), wrong, unwatched)
    assert wrong.as_json() == {
        "pictures of the same name: they would share a mask": 1,
        "pictures without mask": 1,
        "masks without picture": 1,
        "files that cannot be used": 3,
        "pixels of id 6, which classes.json does not name": 4,
        "pixels of id 7, which classes.json does not name": 4,
        "pixels of id 11, which classes.json does not name": 4,
        "pixels of colour #060606, which classes.json does not name": 4,
        "pixels of colour #070707, which classes.json does not name": 4,
        "pixels of colour #0b0b0b, which classes.json does not name": 4,
    }
    assert found.sizes == {"4x3": 3} and found.pictures == {"": 6}


@pytest.mark.parametrize("split", ["{}/val", "val/{}"])
def test_pictures_of_no_split_are_counted(tmp_path, split):
    folder = tmp_path / "set"
    a_set(folder, "a.png")
    for kind in ("images", "masks"):
        (folder / split.format(kind)).mkdir(parents=True)
        (folder / kind / "a.png").rename(folder / split.format(kind) / "a.png")
    save_picture(folder / "test/b.png", 4, 3)
    save_picture(folder / "images/c.png", 4, 3)
    wrong = Told()
    assert check_set(str(folder), wrong, unwatched).pictures == {"val": 1}
    assert wrong.lines() == [
        f"2 pictures beside the folders of pictures: of no split (first: {folder}/images/c.png)"
    ]


def test_splits_and_what_is_no_set(tmp_path):
    for split in ("train", "val"):
        a_set(tmp_path / "set", f"{split}/a.png")
    assert check_set(str(tmp_path / "set"), Told(), unwatched).pictures == {"train": 1, "val": 1}
    (tmp_path / "set/classes.json").unlink()
    with pytest.raises(CatseyeError, match="catseye data import makes one"):
        check_set(str(tmp_path / "set"), Told(), unwatched)


def test_choices_go_by_what_they_leave(tmp_path):
    a_set(tmp_path, "a.png")
    choices = ', {"id": 7, "none_of": ["Sky"]}, {"id": 8, "none_of": ["Sky"]}]'
    (tmp_path / "classes.json").write_text(CLASSES.replace("}]", "}" + choices))
    save_mask(tmp_path / "masks/a.png", np.full((3, 4), 7, np.uint8))
    found = check_set(str(tmp_path), Told(), unwatched)
    assert [*found.classes][3:] == ["none of Sky", "none of Sky'", "void"]
    assert found.classes["none of Sky"] == (12, 1) and found.classes["none of Sky'"] == (0, 0)
