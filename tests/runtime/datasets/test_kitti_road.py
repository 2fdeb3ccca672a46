"""KITTI road on a tiny copy of its layout."""

import pytest
from tiny_pictures import frame, put

from catseye.runtime.classes import ROAD_OR_NOT, VOID
from catseye.runtime.datasets.road import open_road_data, road_samples
from catseye.runtime.errors import CatseyeError


@pytest.fixture
def kitti(tmp_path):
    red, magenta, black = (0, 0, 255), (255, 0, 255), (0, 0, 0)
    for category, number in (("um", 7), ("umm", 5), ("uu", 4)):
        for i in range(number):
            put(tmp_path / "training" / "image_2" / f"{category}_{i:06d}.png", frame(3, 1))
            put(
                tmp_path / "training" / "gt_image_2" / f"{category}_road_{i:06d}.png",
                [[red, magenta, black]],
            )
            put(
                tmp_path / "training" / "gt_image_2" / f"{category}_lane_{i:06d}.png",
                [[red, red, red]],
            )
    return tmp_path


def test_splits_and_masks(kitti):
    data = open_road_data(str(kitti))
    assert data.classes == ROAD_OR_NOT
    train, val = ([s.name for s in data.samples(split)] for split in ("train", "val"))
    assert val == ["um_000006", "umm_000004"] and len(train) == 14 and not set(train) & set(val)
    assert data.samples("train")[0].read()[1].tolist() == [[0, 1, VOID]]
    assert {s.sequence for s in data.samples("uu")} == {"uu"}


def test_an_annotation_of_another_size(kitti):
    put(kitti / "training" / "gt_image_2" / "um_road_000000.png", frame(9, 9))
    with pytest.raises(CatseyeError, match="9 x 9 pixels.*3 x 1"):
        road_samples(str(kitti), "train")[0].read()


def test_a_missing_annotation(kitti):
    (kitti / "training" / "gt_image_2" / "um_road_000000.png").unlink()
    with pytest.raises(CatseyeError, match="um_road_000000"):
        road_samples(str(kitti), "train")[0].read()


def test_half_a_layout_is_one_clear_line(kitti):
    (kitti / "training/image_2").rename(kitti / "elsewhere")
    with pytest.raises(CatseyeError, match="no training/image_2"):
        road_samples(str(kitti), "train")
