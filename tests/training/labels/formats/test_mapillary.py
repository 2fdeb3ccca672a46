"""Mapillary Vistas, in both versions of its labels."""

import json

import pytest
from label_files import IDS, save_mask, save_small_picture, save_text

from catseye.runtime.errors import CatseyeError


def mapillary(folder, version, ids=IDS):
    labels = [
        {"name": "animal--bird", "readable": "Bird", "color": [165, 42, 42], "evaluate": True},
        {"name": "construction--flat--road", "readable": "Road", "color": [128, 64, 128]},
        {"name": "void--unlabeled", "readable": "?", "color": [0, 0, 0], "evaluate": False},
    ]
    save_text(folder / f"config_{version}.json", json.dumps({"labels": labels}))
    for split in ("training", "validation"):
        save_small_picture(folder / split / "images/a.jpg")
        save_mask(folder / split / version / "labels/a.png", ids)
        save_mask(folder / split / version / "panoptic/a.png", ids)


def test_mapillary(tmp_path, take):
    mapillary(tmp_path / "vistas", "v1.2")
    mapillary(tmp_path / "vistas", "v2.0", IDS[::-1])
    taken = take(tmp_path / "vistas")
    assert taken.found.pictures == {"train": 1, "val": 1}
    road = "construction--flat--road"
    assert taken.names("a")[:, 0].tolist() == ["void", road, "animal--bird"]  # 2.0, the newer one
    assert taken.found.table.as_json()["road"] == road
    save_mask(tmp_path / "vistas/training/v2.0/labels/a.png", IDS + 1)
    with pytest.raises(CatseyeError, match="ids up to 3; expected ids 0 to 2"):
        take(tmp_path / "vistas")
