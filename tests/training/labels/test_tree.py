"""Which picture a label file means, and which split a file is of."""

import os

import pytest
from label_files import save_text

from catseye.runtime.errors import CatseyeError
from catseye.training.labels.tree import Tree, split_of_file, split_of_folders


def tree_of(folder, *names):
    for name in names:
        save_text(folder / name, "")
    return Tree(str(folder))


@pytest.mark.parametrize(
    "named, near, split, found",
    [
        ("a.png", "x.json", "", ""),  # two fit alike
        ("one/a.png", "x.json", "", "one/a.png"),
        ("..\\one\\a.png", "x.json", "", "one/a.png"),
        ("/home/somebody/two/a.png", "x.json", "", "two/a.png"),
        ("a.png", "two/x.json", "", "two/a.png"),
        ("b.png", "x.json", "val", "val/b.png"),
        ("b", "x.json", "train", "train/b.png"),
        ("c.png", "x.json", "", None),
        ("", "x.json", "", None),
        ("../..", "x.json", "", None),
    ],
)
def test_the_picture_that_is_meant(named, near, split, found, tmp_path):
    tree = tree_of(tmp_path, "one/a.png", "two/a.png", "train/b.png", "val/b.png", "x.json")
    if found == "":
        with pytest.raises(CatseyeError, match="one/a.png and two/a.png"):
            tree.picture(named, near, split)
    else:
        assert tree.picture(named, near, split) == (found or "")


def test_splits():
    folders = "train train2017 Valid validation test_images images-train training".split()
    found = [split_of_folders(f"x/{folder}/y/a.png") for folder in folders]
    assert found == ["train", "train", "val", "val", "test", "train", "train"]
    assert [split_of_folders(name) for name in ("train.png", "test drive/a.png")] == ["", ""]
    files = {"instances_val2017.json": "val", "train.xml": "train", "test/x.json": "test"}
    assert {name: split_of_file(name) for name in files} == files
    assert split_of_file("latest.json") == ""


def test_hidden_files_shadows_and_circles(tmp_path):
    names = ("a.png", ".hidden.png", ".git/b.png", "__MACOSX/._a.png")
    tree_of(tmp_path, *names)
    os.symlink(tmp_path, tmp_path / "again")
    assert Tree(str(tmp_path)).files == ("a.png",)
