"""Cityscapes: the benchmark's classes, or those of a label_colors.txt."""

import numpy as np
from label_files import COLOURS, IDS, TABLE, save_mask, save_small_picture, save_text


def test_cityscapes(tmp_path, take):
    for split, city in (("train", "aachen"), ("val", "ulm")):
        name = f"{city}_000000_000019"
        save_small_picture(tmp_path / f"city/leftImg8bit/{split}/{city}/{name}_leftImg8bit.png")
        mask = np.array([7, 26, 4], np.uint8)[IDS]
        base = tmp_path / f"city/gtFine/{split}/{city}/{name}_gtFine"
        save_mask(base.with_name(base.name + "_labelIds.png"), mask)
        save_mask(base.with_name(base.name + "_color.png"), COLOURS)
        save_text(base.with_name(base.name + "_polygons.json"), '{"imgHeight": 3, "objects": []}')
    taken = take(tmp_path / "city")
    assert len(taken.found.table.names) == 19
    name = "ulm_000000_000019_leftImg8bit"
    assert taken.names(name, "val")[:, 0].tolist() == ["road", "car", "void"]
    save_text(tmp_path / "city/label_colors.txt", TABLE)  # as datumaro writes classes of its own
    assert take(tmp_path / "city").names(name)[:, 0].tolist() == ["Animal", "Road", "void"]
