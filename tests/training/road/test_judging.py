"""Scores by set and their mean, with a network whose answers are known."""

import json

import cv2
import numpy as np
import pytest
import torch

from catseye.runtime.datasets.road import open_road_data
from catseye.runtime.errors import CatseyeError
from catseye.training.frames import Frames
from catseye.training.road.judging import Judges

CPU = torch.device("cpu")
CLASSES = [{"name": name, "id": i, "colour": [i, i, i]} for i, name in enumerate(("Sky", "Road"))]
CHOICE = {"id": 9, "none_of": ["Road"]}


class AllRoad(torch.nn.Module):
    stride = 4

    def forward(self, x):
        return torch.eye(2)[1].reshape(1, 2, 1, 1).expand(1, 2, *x.shape[2:])


@pytest.fixture
def data(tmp_path):
    """One set, whose frames the parts of a test share; half road, a quarter sky, a quarter not
    road."""
    rows = np.repeat(np.array([[0], [9], [1], [1]], np.uint8), 4, axis=1)
    for kind, picture in (("images", np.zeros((4, 4, 3))), ("masks", rows)):
        (tmp_path / kind).mkdir()
        for index in range(2):
            assert cv2.imwrite(str(tmp_path / kind / f"a_{index}.png"), picture)
    (tmp_path / "classes.json").write_text(
        json.dumps({"classes": [*CLASSES, CHOICE], "void": 255, "road": "Road"})
    )
    return open_road_data(str(tmp_path))


def judges_of(data, **sets):
    return Judges(sets, data.classes, data.partials, Frames)


def test_one_set(data):
    found = judges_of(data, only=data.samples("val")).measure(AllRoad(), CPU)
    assert found["iou"] == {"Sky": 0.0, "Road": 0.5} and found["false_alarms"] == 1
    assert found["miou"] == 0.25 and found["road_iou"] == 0.5 and found["frames"] == 1
    assert "sets" not in found


def coded(samples, *codes):
    """The samples, of whose codes 0, 1, 2, ... these are left."""
    table = bytes(code if code in codes else 255 for code in range(256))
    return [sample._replace(codes=table) for sample in samples]


def test_the_mean_is_over_the_sets_that_decide_something(data):
    samples = data.samples("val")
    found = judges_of(
        data, whole=samples, road=coded(samples, 1, 2), choice=coded(samples, 2)
    ).measure(AllRoad(), CPU)
    assert [each["miou"] for each in found["sets"].values()] == [0.25, pytest.approx(2 / 3), None]
    assert found["mean_miou"] == pytest.approx((0.25 + 2 / 3) / 2) and found["miou"] == 0.25


def test_a_set_that_labels_what_is_road_alone_chooses_no_network(data, capsys):
    """A network that calls everything road is perfect there."""
    samples = data.samples("val")
    alone = coded(samples, 1)
    found = judges_of(data, whole=samples, alone=alone).measure(AllRoad(), CPU)
    assert found["sets"]["alone"]["miou"] == 1 and found["mean_miou"] == 0.25
    assert found["sets"]["alone"]["recall_only"] == ["Road"]
    said = capsys.readouterr().err
    assert "alone: no label to validate on rules out Road" in said and "; the other sets" in said
    assert "recall_only" not in found["sets"]["whole"]
    only = judges_of(data, one=alone, other=alone).measure(AllRoad(), CPU)
    assert only["mean_miou"] == 1  # there is nothing else to choose by
    assert "rules out Road" in (said := capsys.readouterr().err) and "; the other" not in said


def test_a_set_without_any_label(data):
    samples = data.samples("val")
    with pytest.raises(CatseyeError, match=r"in the 1 validation frames \(mute\)"):
        judges_of(data, whole=samples, mute=coded(samples))


def test_confidence_is_fitted_to_the_set_that_names_the_most_classes(data):
    samples = data.samples("train") + data.samples("val")
    half = [samples[0], *coded(samples[1:], 2)]
    assert judges_of(data, road=coded(samples, 1), half=half).of_a_class == half[:1]


def test_what_is_wrong_with_a_frame_is_told_at_once(data, tmp_path):
    (tmp_path / "masks" / "a_1.png").write_bytes(b"")
    with pytest.raises(CatseyeError, match="a_1.png"):
        judges_of(data, only=data.samples("val"))


def test_pictures(data):
    with torch.no_grad():
        shown = judges_of(data, only=data.samples("val")).pictures(AllRoad(), CPU)
    assert shown["a_1"].shape == (4, 8, 3)
