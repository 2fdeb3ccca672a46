"""Pascal VOC: the challenge's palette, labelmap.txt as CVAT and datumaro write it."""

import cv2
import numpy as np
import pytest
from label_files import save_mask, save_picture, save_text

from catseye.runtime.errors import CatseyeError
from catseye.training.labels.formats.colour_table import voc_colour


def save(folder, mask, *names, parts=("train", "val")):
    for name, split in zip(names or ("a", "b"), parts):
        save_picture(folder / f"JPEGImages/{name}.jpg", 12, 10)
        save_mask(folder / f"SegmentationClass/{name}.png", mask)
        save_text(folder / f"ImageSets/Segmentation/{split}.txt", name + "\n")


def coloured(*colours):
    """Rows of these RGB colours, BGR."""
    mask = np.zeros((10, 12, 3), np.uint8)
    for row, colour in enumerate(colours):
        mask[row] = colour[::-1]
    return mask


def test_the_challenges_own_colours(tmp_path, take):
    """Its palette decodes to them; its white-ish border is void."""
    assert (voc_colour(1), voc_colour(15)) == ((128, 0, 0), (192, 128, 128))
    save(tmp_path / "VOCdevkit/VOC2012", coloured(voc_colour(7), voc_colour(15), (224, 224, 192)))
    taken = take(tmp_path / "VOCdevkit")
    assert taken.found.pictures == {"train": 1, "val": 1}
    assert taken.names("a")[:4, 0].tolist() == ["car", "person", "void", "background"]
    assert len(taken.found.table.names) == 21


def test_grey_masks_hold_the_numbers(tmp_path, take):
    mask = np.zeros((10, 12), np.uint8)
    mask[1], mask[2] = 7, 255
    save(tmp_path / "voc", mask)
    assert take(tmp_path / "voc").names("a")[:3, 0].tolist() == ["background", "car", "void"]


@pytest.mark.parametrize(
    "text",
    (
        "# label:color_rgb:parts:actions\nbackground:0,0,0::\nroad:128,0,0::\ncar:0,128,0::\n",
        "background:::\nroad:::\ncar:::\n",  # datumaro's, where the colours are VOC's own
    ),
)
def test_labelmap(text, tmp_path, take):
    save(tmp_path / "voc", coloured((128, 0, 0), (0, 128, 0)))
    save_text(tmp_path / "voc/labelmap.txt", text)
    taken = take(tmp_path / "voc")
    assert taken.names("b")[:3, 0].tolist() == ["road", "car", "background"]
    assert taken.found.table.as_json()["road"] == "road"


def test_the_names_of_labelmes_converter(tmp_path, take):
    save(tmp_path / "voc", coloured(voc_colour(1), voc_colour(2)))
    save_text(tmp_path / "voc/class_names.txt", "_background_\nroad\ncar\n")
    assert take(tmp_path / "voc").names("a")[:2, 0].tolist() == ["road", "car"]


def test_what_is_wrong_is_one_line(tmp_path, take):
    save(tmp_path / "voc", coloured((1, 2, 3)))
    with pytest.raises(CatseyeError, match="colour #010203.*Pascal VOC's table"):
        take(tmp_path / "voc")
    save_text(tmp_path / "voc/labelmap.txt", "road:300,0,0::\n")
    with pytest.raises(CatseyeError, match="0 to 255"):
        take(tmp_path / "voc")
    save_text(tmp_path / "voc/labelmap.txt", "road:1,2,3::\ncar:1,2,3::\n")
    with pytest.raises(CatseyeError, match="two meanings"):
        take(tmp_path / "voc")
    save(tmp_path / "large", np.zeros((20, 24), np.uint8))
    with pytest.raises(CatseyeError, match="24 x 20 pixels and its picture of 12 x 10"):
        take(tmp_path / "large")


def test_partners_that_are_missing_are_counted(tmp_path, take):
    save(tmp_path / "voc", np.zeros((10, 12), np.uint8), "a", "b")
    save_picture(tmp_path / "voc/JPEGImages/alone.jpg", 12, 10)
    save_mask(tmp_path / "voc/SegmentationClass/lost.png", np.zeros((10, 12), np.uint8))
    assert take(tmp_path / "voc").told == {
        "masks without their picture, left out": 1,
        "pictures without a mask, left out": 1,
    }
    assert cv2.imread(str(tmp_path / "voc/JPEGImages/alone.jpg")) is not None
