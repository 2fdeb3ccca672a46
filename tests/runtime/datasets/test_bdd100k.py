"""BDD100K's drivable area on a tiny copy of its layout."""

import pytest
from tiny_pictures import frame, put

from catseye.runtime.classes import ROAD_OR_NOT
from catseye.runtime.datasets.road import open_road_data, road_samples
from catseye.runtime.errors import CatseyeError


@pytest.fixture
def bdd100k(tmp_path):
    for split, stem in (
        ("train", "0000f77c-6257be58"),
        ("train", "0000f77c-62c2a288"),
        ("val", "b1c66a42-6f7d68ca"),
    ):
        put(tmp_path / "images" / "100k" / split / f"{stem}.jpg", frame())
        put(
            tmp_path / "labels" / "drivable" / "masks" / split / f"{stem}.png",
            [[0, 1, 2, 2], [2, 2, 2, 255]],
        )
    put(tmp_path / "images" / "100k" / "train" / "unannotated.jpg", frame())
    return tmp_path


def test_both_lanes_are_road_and_other_pixels_are_refused(bdd100k):
    data = open_road_data(str(bdd100k))
    assert data.classes == ROAD_OR_NOT
    assert [s.sequence for s in data.samples("train")] == ["0000f77c"] * 2
    with pytest.raises(CatseyeError, match="ids up to 255.*ids 0 to 2"):
        data.samples("val")[0].read()
    put(
        bdd100k / "labels" / "drivable" / "masks" / "val" / "b1c66a42-6f7d68ca.png",
        [[0, 1, 2, 2], [2, 2, 2, 2]],
    )
    assert data.samples("val")[0].read()[1].tolist() == [[1, 1, 0, 0], [0, 0, 0, 0]]


def test_half_a_layout_is_one_clear_line(bdd100k):
    (bdd100k / "labels").rename(bdd100k / "elsewhere")
    with pytest.raises(CatseyeError, match="no labels"):
        road_samples(str(bdd100k), "train")
