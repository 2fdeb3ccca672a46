"""The road evaluation with engines whose answers are known."""

import cv2
import numpy as np
import pytest
from cards import card_of, tensor

from catseye.runtime.classes import CAMVID, NAMES, ROAD, VOID
from catseye.runtime.datasets.partial import PartialLabel
from catseye.runtime.datasets.road_frames import RoadData, RoadSample
from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation import road
from catseye.runtime.evaluation.confusion import confusion_picture
from catseye.runtime.evaluation.road import evaluate_road_data

SIZE = (40, 60)
CARD = card_of(
    "road",
    (tensor("frame", 1, *SIZE, 3),),
    (tensor("mask", 1, *SIZE),),
    classes=CAMVID.names,
    colours_rgb=CAMVID.colours_rgb,
)


class Seer:
    """Says what is painted in the frame: its blue channel is the mask."""

    def infer(self, arrays):
        return {"mask": arrays["frame"][..., 0]}


@pytest.fixture
def frames(monkeypatch):
    """Twelve frames of road under sky; frame i answers with building in i of its columns of sky."""
    truth = np.full(SIZE, ROAD, np.uint8)
    truth[:20] = 0
    truth[0] = VOID

    def read(self):
        image = np.repeat(truth[..., None], 3, axis=2)
        image[1:20, : self.seed] = NAMES.index("Building")
        return image, truth

    monkeypatch.setattr(RoadSample, "read", read)
    samples = [RoadSample("frame-%02d" % i, "street", seed=i) for i in range(12)]
    twelve = RoadData("twelve", CAMVID, ("val",), lambda split: samples)
    monkeypatch.setattr(road, "open_road_data", lambda data: twelve)


def test_iou_of_known_answers(frames):
    answer = evaluate_road_data(Seer(), CARD, "demo", "val")
    wrong, sky = 19 * sum(range(12)), 19 * 60 * 12
    assert answer["frames"] == 12 and set(answer["iou"]) == set(NAMES)
    assert answer["iou"]["Road"] == 1.0 and answer["iou"]["Car"] is None
    assert answer["iou"]["Sky"] == pytest.approx((sky - wrong) / sky)
    assert answer["recall"]["Sky"] == answer["iou"]["Sky"]
    # nothing is labelled Building: it is no class of this set
    assert answer["iou"]["Building"] is None and "Building" in answer["undecided"]
    assert answer["miou"] == pytest.approx(np.mean([1, (sky - wrong) / sky]))


def test_false_alarms_of_a_partly_labelled_set(frames, monkeypatch, tmp_path):
    """The sky of the same frames is only known to be neither road nor building."""
    twelve = road.open_road_data("demo")
    codes = np.arange(256, dtype=np.uint8)
    codes[0] = len(NAMES)
    monkeypatch.setattr(
        RoadSample,
        "read",
        lambda self, read=RoadSample.read: (read(self)[0], codes[read(self)[1]]),
    )
    neither = PartialLabel((NAMES.index("Building"), ROAD), True)
    monkeypatch.setattr(road, "open_road_data", lambda data: twelve._replace(partials=(neither,)))
    answer = evaluate_road_data(Seer(), CARD, "demo", "val")
    assert answer["false_alarms"] == pytest.approx(19 * sum(range(12)) / (19 * 60 * 12))
    assert answer["miou"] == answer["iou"]["Road"] == 1.0
    evaluate_road_data(Seer(), CARD, "demo", "val", str(tmp_path))
    worst = sorted(path.name for path in tmp_path.glob("worst-*"))
    assert worst[0] == "worst-01-frame-11.png" and worst[9] == "worst-10-frame-02.png"


def test_the_ten_worst_frames_are_shown_worst_first(frames, tmp_path):
    evaluate_road_data(Seer(), CARD, "demo", "val", str(tmp_path))
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names[0] == "confusion.png" and len(names) == 11
    assert names[1] == "worst-01-frame-11.png" and names[10] == "worst-10-frame-02.png"
    assert cv2.imread(str(tmp_path / names[1])).shape == (40, 120, 3)


def test_the_picture_of_a_perfect_answer_has_ink_on_its_diagonal_only():
    perfect = confusion_picture(np.eye(3, dtype=np.int64) * 7, ("a", "b", "c"))
    blank = confusion_picture(np.zeros((3, 3), np.int64), ("a", "b", "c"))
    changed = (perfect != blank).any(2)
    rows, columns = np.nonzero(changed)
    assert changed.any() and ((rows - 40) // 30 == (columns - 104) // 58).all()


def test_a_model_of_other_classes_than_the_data(frames):
    card = CARD._replace(classes=("Ground", "Road"), colours_rgb=((0, 0, 0), (1, 1, 1)))
    with pytest.raises(
        CatseyeError, match="twelve with the classes Sky, Building.*of a model: Ground, Road"
    ):
        evaluate_road_data(Seer(), card, "demo", "val")
