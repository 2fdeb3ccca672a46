"""Cityscapes on a tiny copy of its layout."""

import numpy as np
import pytest
from tiny_pictures import frame, put

from catseye.runtime.classes import CAMVID, NAMES, VOID
from catseye.runtime.datasets.cityscapes import CLASS_OF_LABEL
from catseye.runtime.datasets.road import open_road_data, road_samples
from catseye.runtime.errors import CatseyeError


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


def test_splits_and_cities(cityscapes):
    data = open_road_data(str(cityscapes))
    assert data.name == "Cityscapes" and data.classes == CAMVID
    assert [s.sequence for s in data.samples("train")] == ["aachen", "bremen", "bremen"]
    assert [s.name for s in data.samples("train", hold_out="bremen")] == ["aachen_000001_000019"]
    assert len(data.samples("val")) == 1 and len(data.samples("bremen")) == 2
    with pytest.raises(CatseyeError, match="one of train, val, aachen"):
        data.samples("test")


def test_labels_become_the_eleven_classes(cityscapes):
    image, mask = road_samples(str(cityscapes), "val")[0].read()
    assert image.shape == (2, 17, 3) and mask.shape == (2, 17)
    by_label = [NAMES[i] if i != VOID else "void" for i in mask.ravel()]
    assert by_label[7:9] == ["Road", "Pavement"] and by_label[19:24] == ["SignSymbol"] * 2 + [
        "Tree"
    ] * 2 + ["Sky"]
    assert by_label[:7] == ["void"] * 7 and by_label[9:11] == ["void"] * 2  # parking, rail track
    assert by_label[24:] == ["Pedestrian", "Bicyclist"] + ["Car"] * 6 + ["Bicyclist"] * 2
    assert set(CLASS_OF_LABEL.values()) == set(NAMES)


def test_half_a_layout_is_one_clear_line(cityscapes):
    (cityscapes / "gtFine").rename(cityscapes / "elsewhere")
    with pytest.raises(CatseyeError, match="no gtFine"):
        road_samples(str(cityscapes), "train")
