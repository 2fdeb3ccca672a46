"""Cityscapes, BDD100K drivable and KITTI road on tiny copies of their layouts."""

import cv2
import numpy as np
import pytest

from catseye.runtime.classes import CAMVID, NAMES, ROAD_OR_NOT, VOID
from catseye.runtime.datasets.cityscapes import CLASS_OF_LABEL
from catseye.runtime.datasets.road import open_road_data, road_samples
from catseye.runtime.errors import CatseyeError


def put(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.array(pixels, np.uint8))


def frame(width=4, height=2):
    return np.zeros((height, width, 3))


@pytest.fixture
def cityscapes(tmp_path):
    labels = np.arange(34).reshape(2, 17)
    frames = (
        ("train", "aachen", 1),
        ("train", "bremen", 2),
        ("train", "bremen", 3),
        ("val", "ulm", 4),
    )
    for split, city, number in frames:
        stem = f"{city}_{number:06d}_000019"
        put(tmp_path / "leftImg8bit" / split / city / f"{stem}_leftImg8bit.png", frame(17))
        put(tmp_path / "gtFine" / split / city / f"{stem}_gtFine_labelIds.png", labels)
        put(tmp_path / "gtFine" / split / city / f"{stem}_gtFine_color.png", frame(17))
    return tmp_path


def test_cityscapes_splits_and_cities(cityscapes):
    data = open_road_data(str(cityscapes))
    assert data.name == "Cityscapes" and data.classes == CAMVID
    assert [s.sequence for s in data.samples("train")] == ["aachen", "bremen", "bremen"]
    assert [s.name for s in data.samples("train", hold_out="bremen")] == ["aachen_000001_000019"]
    assert len(data.samples("val")) == 1 and len(data.samples("bremen")) == 2
    with pytest.raises(CatseyeError, match="one of train, val, aachen"):
        data.samples("test")


def test_cityscapes_labels_become_the_eleven_classes(cityscapes):
    image, mask = road_samples(str(cityscapes), "val")[0].read()
    assert image.shape == (2, 17, 3) and mask.shape == (2, 17)
    by_label = [NAMES[i] if i != VOID else "void" for i in mask.ravel()]
    assert by_label[7:9] == ["Road", "Pavement"] and by_label[19:24] == ["SignSymbol"] * 2 + [
        "Tree"
    ] * 2 + ["Sky"]
    assert by_label[:7] == ["void"] * 7 and by_label[9:11] == ["void"] * 2  # parking, rail track
    assert by_label[24:] == ["Pedestrian", "Bicyclist"] + ["Car"] * 6 + ["Bicyclist"] * 2
    assert set(CLASS_OF_LABEL.values()) == set(NAMES)


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


def test_bdd100k(bdd100k):
    data = open_road_data(str(bdd100k))
    assert data.classes == ROAD_OR_NOT
    assert [s.sequence for s in data.samples("train")] == ["0000f77c"] * 2
    with pytest.raises(CatseyeError, match="pixels of 255"):
        data.samples("val")[0].read()
    put(
        bdd100k / "labels" / "drivable" / "masks" / "val" / "b1c66a42-6f7d68ca.png",
        [[0, 1, 2, 2], [2, 2, 2, 2]],
    )
    assert data.samples("val")[0].read()[1].tolist() == [[1, 1, 0, 0], [0, 0, 0, 0]]


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


def test_kitti_road(kitti):
    data = open_road_data(str(kitti))
    assert data.classes == ROAD_OR_NOT
    train, val = ([s.name for s in data.samples(split)] for split in ("train", "val"))
    assert val == ["um_000006", "umm_000004"] and len(train) == 14 and not set(train) & set(val)
    assert data.samples("train")[0].read()[1].tolist() == [[0, 1, VOID]]
    assert {s.sequence for s in data.samples("uu")} == {"uu"}


@pytest.mark.parametrize(
    "layout, lost", [("cityscapes", "gtFine"), ("bdd100k", "labels"), ("kitti", "training/image_2")]
)
def test_half_a_layout_is_one_clear_line(request, layout, lost):
    folder = request.getfixturevalue(layout)
    (folder / lost).rename(folder / "elsewhere")
    with pytest.raises(CatseyeError, match=f"no {lost}"):
        road_samples(str(folder), "train")


def test_an_annotation_of_another_size(kitti):
    put(kitti / "training" / "gt_image_2" / "um_road_000000.png", frame(9, 9))
    with pytest.raises(CatseyeError, match="9 x 9 pixels.*3 x 1"):
        road_samples(str(kitti), "train")[0].read()


def test_a_missing_annotation(kitti):
    (kitti / "training" / "gt_image_2" / "um_road_000000.png").unlink()
    with pytest.raises(CatseyeError, match="um_road_000000"):
        road_samples(str(kitti), "train")[0].read()
