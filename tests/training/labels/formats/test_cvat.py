"""CVAT for images 1.1, as datumaro wrote it and as CVAT documents it."""

import numpy as np
import pytest
from label_files import WRITTEN, save_picture, save_text

from catseye.runtime.errors import CatseyeError

pytest.importorskip("pycocotools")
pytest.importorskip("defusedxml")

DOCUMENT = """<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version>
<meta><task><labels>
<label><name>road</name><color>#804080</color><attributes></attributes></label>
<label><name>car</name><color>#fa3253</color></label>
</labels></task></meta>
<image id="0" name="front/a.png" subset="Train" width="64" height="48">%s</image>
<image id="1" name="front/b.png" subset="Validation" width="64" height="48">%s</image>
</annotations>
"""
ROAD = '<polygon label="road" points="0,0;64,0;64,48;0,48" z_order="0"></polygon>'


def save(folder, shapes, document=DOCUMENT):
    for name in "ab":
        save_picture(folder / f"images/{name}.png")
    save_text(folder / "annotations.xml", document % (shapes, shapes))


def test_what_datumaro_wrote(tmp_path, take):
    for i in range(3):
        save_picture(tmp_path / f"cvat/images/drive_train{i}.png")
    save_text(tmp_path / "cvat/train.xml", (WRITTEN / "datumaro-cvat.xml").read_text())
    names = take(tmp_path / "cvat").names("drive_train0")
    assert (names[9, 5], names[10, 5]) == ("sky", "background")
    assert (names[29, 30], names[30, 30]) == ("car", "road")


def test_z_order_before_the_files_order(tmp_path, take):
    car = '<polygon label="car" points="0,0;10,0;10,10;0,10" z_order="%d"></polygon>'
    for layer, pixels in ((0, 0), (1, 100)):
        save(tmp_path / str(layer), car % layer + ROAD)
        taken = take(tmp_path / str(layer))
        assert (taken.names("a") == "car").sum() == pixels
    assert taken.found.pictures == {"train": 1, "val": 1}
    assert taken.found.table.colours_rgb[:2] == ((128, 64, 128), (250, 50, 83))


def test_masks_boxes_and_ellipses(tmp_path, take):
    shapes = (
        ROAD
        + '<mask label="car" rle="1, 2, 2, 1" left="10" top="20" width="3" height="2"></mask>'
        + '<box label="car" xtl="30" ytl="0" xbr="40" ybr="10"></box>'
        + '<box label="car" xtl="40" ytl="30" xbr="60" ybr="40" rotation="90"></box>'
        + '<ellipse label="car" cx="10" cy="40" rx="5" ry="3"></ellipse>'
        + '<polyline label="car" points="1,1;2,2"></polyline><tag label="car"></tag>'
    )
    save(tmp_path / "cvat", shapes)
    taken = take(tmp_path / "cvat")
    is_car = taken.names("a") == "car"
    assert is_car[20:22, 10:13].tolist() == [[False, True, True], [False, False, True]]
    assert is_car[:10, 30:40].all() and is_car[:, 30:40].sum() == 100
    assert is_car[25:45, 45:55].all() and is_car[:, 41:].sum() == 200  # turned by a quarter
    assert abs(is_car[36:45, :17].sum() - np.pi * 15) < 5
    assert taken.told == {
        "boxes, filled": 4,
        "points and lines, which have no area, left out": 2,
    }


def test_pictures_without_shapes_are_left_out(tmp_path, take):
    save(tmp_path / "cvat", ROAD)
    text = DOCUMENT % (ROAD, "")
    save_text(tmp_path / "cvat/annotations.xml", text)
    taken = take(tmp_path / "cvat")
    assert taken.found.pictures == {"": 1}
    assert taken.told == {"pictures without labels, left out": 1}


WRONG = {
    "runs of other pixels": '<mask label="car" rle="1,2" left="0" top="0" width="3" height="2"/>',
    "no run lengths": '<mask label="car" rle="1,-2" left="0" top="0" width="3" height="2"/>',
    "goes from 62, 0": '<mask label="car" rle="6" left="62" top="0" width="3" height="2"/>',
    "a whole number": '<mask label="car" rle="6" left="1.5" top="0" width="3" height="2"/>',
    "a number of pixels": '<box label="car" xtl="x" ytl="0" xbr="3" ybr="2"/>',
    "number of pixels": '<box label="car" xtl="1e30" ytl="0" xbr="3" ybr="2"/>',
    "without points": '<polygon label="car"/>',
    "is no list of points": '<polygon label="car" points="1,2;3"/>',
    "<polygon> without label": '<polygon points="1,2;3,4;5,6"/>',
    "XML without a DTD": "</nothing>",
}


@pytest.mark.parametrize("said", WRONG)
def test_what_is_wrong_is_one_line(said, tmp_path, take):
    save(tmp_path / "cvat", WRONG[said])
    with pytest.raises(CatseyeError, match=said):
        take(tmp_path / "cvat")


def test_videos_and_entities_are_refused(tmp_path, take):
    track = '<annotations><track id="0" label="road"></track></annotations>'
    save_text(tmp_path / "video/annotations.xml", track)
    with pytest.raises(CatseyeError, match="export as CVAT for images 1.1"):
        take(tmp_path / "video")
    save(tmp_path / "bomb", "&a;", '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + DOCUMENT[38:])
    with pytest.raises(CatseyeError, match="without a DTD"):
        take(tmp_path / "bomb")
