"""CamVid in the forms that are about."""

import numpy as np
import pytest
from label_files import COLOURS, IDS, TABLE, save_mask, save_small_picture, save_text

CAMVID = {
    "owners": ("701_StillsRaw_full/%s.png", "LabeledApproved_full/%s_L.png", "label_colors.txt"),
    "copy": ("train/%s.png", "train_labels/%s_L.png", "class_dict.csv"),
    "datumaro": ("default/%s.png", "defaultannot/%s.png", "label_colors.txt"),
}


@pytest.mark.parametrize("form", CAMVID)
def test_camvid_by_colours(form, tmp_path, take):
    pictures, masks, table = CAMVID[form]
    for name in ("0016E5_1", "0016E5_2"):
        save_small_picture(tmp_path / "camvid" / (pictures % name))
        save_mask(tmp_path / "camvid" / (masks % name), COLOURS)
    csv = "name,r,g,b\nAnimal,64, 128,64\nRoad,128,64,128\nVoid,0,0,0\n"
    save_text(tmp_path / "camvid" / table, csv if table.endswith("csv") else TABLE)
    names = take(tmp_path / "camvid").names("0016E5_2")
    assert names[:, 0].tolist() == ["Animal", "Road", "void"]


def test_camvid_by_ids(tmp_path, take):
    for name in ("a", "b"):
        save_small_picture(tmp_path / f"names/images/{name}.png")
        save_mask(tmp_path / f"names/labels/{name}_P.png", IDS)
        for split in ("train", "val"):
            save_small_picture(tmp_path / f"segnet/{split}/{name}.png")
            save_mask(tmp_path / f"segnet/{split}annot/{name}.png", IDS + 9)
    save_text(tmp_path / "names/codes.txt", "Animal\nRoad\nVoid\n")
    assert take(tmp_path / "names").names("b")[:, 0].tolist() == ["Animal", "Road", "void"]
    taken = take(tmp_path / "segnet")
    assert taken.found.pictures == {"train": 2, "val": 2}
    assert taken.names("b")[:, 0].tolist() == ["Pedestrian", "Bicyclist", "void"]


def test_colours_that_datumaro_leaves_out(tmp_path, take):
    for name in ("a", "b"):
        save_small_picture(tmp_path / f"camvid/train/{name}.png")
        mask = np.array([(0, 0, 0), (128, 0, 0), (0, 128, 0)], np.uint8)[IDS][..., ::-1]
        save_mask(tmp_path / f"camvid/trainannot/{name}.png", mask)
    save_text(tmp_path / "camvid/label_colors.txt", " road\n car\n")
    assert take(tmp_path / "camvid").names("a")[:, 0].tolist() == ["background", "road", "car"]
