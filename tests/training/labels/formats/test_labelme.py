"""LabelMe, as labelme 6.3.1 wrote it."""

import json

import numpy as np
import pytest
from label_files import HEIGHT, WIDTH, WRITTEN, png_base64, save_picture, save_text

from catseye.runtime.errors import CatseyeError

pytest.importorskip("pycocotools")


def shape(kind, label, points, **more):
    return {"shape_type": kind, "label": label, "points": points, **more}


def save(folder, name, shapes, **more):
    document = {"shapes": shapes, "imagePath": name + ".png", "imageData": None}
    save_text(folder / f"{name}.json", json.dumps({**document, **more}))


SQUARE = shape("polygon", "road", [[0, 0], [10, 0], [10, 10], [0, 10]])


def two(folder, shapes, **more):
    for name in ("a", "b"):
        save_picture(folder / f"{name}.png")
        save(folder, name, shapes, **more)


def test_what_labelme_wrote(tmp_path, take):
    """Its polygon, rectangle, circle, mask, __ignore__ and line; the second picture is in its
    JSON, as labelme writes it by default."""
    document = json.loads((WRITTEN / "labelme.json").read_text())
    save_picture(tmp_path / "labelme/drive_0.jpg")
    save_text(tmp_path / "labelme/drive_0.json", json.dumps(document))
    data = png_base64(np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    inside = {**document, "imagePath": "..\\elsewhere\\gone.jpg", "imageData": data}
    save_text(tmp_path / "labelme/drive_1.json", json.dumps(inside))
    taken = take(tmp_path / "labelme")
    assert taken.found.table.names == ("car", "road", "sign", "sky", "background")
    assert taken.told == {"points and lines, which have no area, left out": 2}
    for name in ("drive_0", "drive_1"):
        names = taken.names(name)
        assert set(names[2:8, 5:50].ravel()) == {"sky"} and names[1, 6] != "sky"
        assert set(names[20:24, 21:40].ravel()) == {"car"}
        assert abs((names == "sign").sum() - np.pi * 16) < 4
        assert names[42, 63] == "void"  # __ignore__
    assert (taken.folder / "images/drive_1.png").is_file()


def test_other_shapes_and_forms_of_old(tmp_path, take):
    turned = shape("oriented_rectangle", "car", [[20, 10], [30, 20], [20, 30], [10, 20]])
    old = {"label": "road", "points": [[40, 0], [50, 0], [50, 10]]}
    two(tmp_path / "labelme", [turned, old])
    names = take(tmp_path / "labelme").names("a")
    assert names[20, 20] == "car" and names[2, 48] == "road"


def test_a_list_of_labels_gives_the_order(tmp_path, take):
    two(tmp_path / "labelme", [SQUARE])
    save_text(tmp_path / "labelme/labels.txt", "__ignore__\n_background_\nsky\nroad\n")
    taken = take(tmp_path / "labelme")
    assert taken.found.table.names == ("_background_", "sky", "road")
    assert taken.found.rest[0] == "_background_"


WRONG = {
    "x and y, finite numbers": dict(SQUARE, points=[[0, 0], [1, None]]),
    "Infinity, which is no JSON": dict(SQUARE, points=[[0, 0], [1, float("1e400")]]),
    "two": shape("rectangle", "road", [[0, 0], [1, 1], [2, 2]]),
    "polygon, rectangle, circle, mask or line": shape("star", "road", [[0, 0]]),
    "no mask of 9 x 9": shape("mask", "road", [[0, 0], [8, 8]], mask=png_base64(np.ones((8, 9)))),
    "no mask of 65 x 9": shape("mask", "road", [[0, 0], [64, 8]], mask="AAAA"),
    "base64": shape("mask", "road", [[0, 0], [8, 8]], mask="*"),
    "goes from 60, 0 over 9 x 9": shape(
        "mask", "road", [[60, 0], [68, 8]], mask=png_base64(np.ones((9, 9), np.uint8))
    ),
    "printable": dict(SQUARE, label="\x07"),
    "text of at most": dict(SQUARE, label=["road"]),
}


@pytest.mark.parametrize("said", WRONG)
def test_what_is_wrong_is_one_line(said, tmp_path, take):
    two(tmp_path / "labelme", [SQUARE, WRONG[said]])
    with pytest.raises(CatseyeError, match=said):
        take(tmp_path / "labelme")


def test_a_picture_of_another_size(tmp_path, take):
    two(tmp_path / "labelme", [SQUARE], imageWidth=HEIGHT, imageHeight=WIDTH)
    with pytest.raises(CatseyeError, match="48 x 64 pixels and its picture of 64 x 48"):
        take(tmp_path / "labelme")
