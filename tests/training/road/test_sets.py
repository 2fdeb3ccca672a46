"""Several sets of one training: what is trained on, and who judges."""

import json
import shutil

import cv2
import numpy as np
import pytest

from catseye.runtime.errors import CatseyeError
from catseye.training.road.sets import RoadSets

CLASSES = [{"name": name, "id": i, "colour": [i, i, i]} for i, name in enumerate(("Sky", "Road"))]


@pytest.fixture
def folders(tmp_path):
    """`one` with the drives a and b, `two` with the drive c; of each drive five frames."""
    for name, drives in (("one", "ab"), ("two", "c")):
        for kind in ("images", "masks"):
            (tmp_path / name / kind).mkdir(parents=True)
            for drive in drives:
                for number in range(5):
                    path = str(tmp_path / name / kind / f"{drive}_{number}.png")
                    assert cv2.imwrite(path, np.zeros((2, 3, 3 if kind == "images" else 1)))
        (tmp_path / name / "classes.json").write_text(json.dumps({"classes": CLASSES}))
    return [str(tmp_path / name) for name in ("one", "two")]


def names(samples):
    return [sample.name for sample in samples]


def test_each_is_judged_by_its_val(folders):
    sets = RoadSets(folders)
    assert [len(samples) for samples in sets.training] == [8, 4]
    assert {name: names(samples) for name, samples in sets.judges().items()} == {
        "one": ["b_3", "b_4"],
        "two": ["c_4"],
    }
    assert sets.describe() == {"name": "one train + two train", "frames_by_set": [8, 4]}


def test_a_drive_held_out_judges_its_own_set(folders):
    sets = RoadSets(folders, hold_out="a")
    assert names(sets.training[0]) == ["b_0", "b_1", "b_2"] and len(sets.training[1]) == 4
    judges = sets.judges()
    assert names(judges["one"]) == [f"a_{i}" for i in range(5)] and names(judges["two"]) == ["c_4"]


def test_val_is_trained_on_in_the_last_run(folders):
    sets = RoadSets(folders, with_val=True)
    assert [len(samples) for samples in sets.training] == [10, 5]
    assert sets.describe()["name"] == "one train val + two train val"


def test_two_sets_of_one_name_have_two_names(folders, tmp_path):
    shutil.copytree(folders[0], tmp_path / "other" / "one")
    sets = RoadSets([folders[0], str(tmp_path / "other" / "one")])
    assert list(sets.judges()) == ["one", "one'"]


@pytest.mark.parametrize("again", ["one", "one/", "./one", "two/../one", "link"])
def test_a_set_named_twice(folders, tmp_path, again):
    (tmp_path / "link").symlink_to("one")
    with pytest.raises(CatseyeError, match="--data .*one and --data .* are the same frames"):
        RoadSets([folders[0], str(tmp_path) + "/" + again])


def test_the_demo_twice():
    with pytest.raises(CatseyeError, match="the same frames"):
        RoadSets(["demo", "demo"])


def test_a_picture_that_one_set_learns_and_another_is_judged_by(folders, tmp_path):
    """The same pictures in another split, through links."""
    mixed = tmp_path / "mixed"
    for kind in ("images", "masks"):
        for split, chosen in (("train", "b_3"), ("val", "a_0")):
            (mixed / kind / split).mkdir(parents=True)
            (mixed / kind / split / "x.png").symlink_to(tmp_path / "one" / kind / f"{chosen}.png")
    shutil.copy(tmp_path / "one" / "classes.json", mixed)
    with pytest.raises(CatseyeError, match="x.png, to validate mixed on, is in train of one too"):
        RoadSets([folders[0], str(mixed)])
    assert RoadSets([folders[0], str(mixed)], with_val=True).judges()
    for kind in ("images", "masks"):
        shutil.copy(mixed / kind / "train" / "x.png", mixed / kind / "train" / "y.png")
        (mixed / kind / "val" / "y.png").symlink_to(mixed / kind / "train" / "y.png")
    with pytest.raises(CatseyeError, match="y.png, to validate mixed on, is in train of mixed too"):
        RoadSets([str(mixed)])


@pytest.mark.parametrize("nobody", ["z", "val"])
def test_a_drive_that_no_set_has(folders, nobody):
    with pytest.raises(CatseyeError, match=f"no sequence '{nobody}' in one; expected one of a, b"):
        RoadSets(folders, hold_out=nobody)


def test_the_street_among_others_has_no_splits():
    assert RoadSets(["demo"]).describe() == {"name": "synthetic street"}


def test_other_classes_are_refused(folders):
    with pytest.raises(CatseyeError, match="one with the classes Sky, Road.*synthetic street"):
        RoadSets(["demo", folders[0]])
