"""Roboflow's masks of numbers."""

import pytest
from label_files import IDS, save_mask, save_small_picture, save_text

from catseye.runtime.errors import CatseyeError


def test_roboflow(tmp_path, take):
    for split in ("train", "valid", "test"):
        save_text(
            tmp_path / f"rf/{split}/_classes.csv",
            "Pixel Value, Class\n0, background\n\n1, road\n2, car\n \n",
        )
        save_small_picture(tmp_path / f"rf/{split}/a_png.rf.1.jpg")
        save_mask(tmp_path / f"rf/{split}/a_png.rf.1_mask.png", IDS)
    taken = take(tmp_path / "rf")
    assert taken.found.pictures == {"train": 1, "val": 1, "test": 1}
    assert taken.names("a_png.rf.1", "test")[:, 0].tolist() == ["background", "road", "car"]
    save_mask(tmp_path / "rf/test/a_png.rf.1_mask.png", IDS + 1)
    with pytest.raises(CatseyeError, match="id 3; expected what test/_classes.csv names"):
        take(tmp_path / "rf")
    save_text(tmp_path / "rf/test/_classes.csv", "Pixel Value, Class\nx, road\n")
    with pytest.raises(CatseyeError, match="a number to 255"):
        take(tmp_path / "rf")
