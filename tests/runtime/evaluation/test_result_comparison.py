"""Two results of one frame side by side: the same to the bit, how far they agree, where they
differ."""

import json

import numpy as np
import pytest
from cards import card_of

from catseye.runtime.classes import CAMVID, NAMES
from catseye.runtime.evaluation.result_comparison import (
    DIFFERENT_BGR,
    Comparison,
    agreement,
    bounds_between_computers,
    picture_of_difference,
)
from catseye.runtime.tasks.digits import Digits
from catseye.runtime.tasks.road_mask import RoadMask

ROAD, SKY = NAMES.index("Road"), NAMES.index("Sky")


def mask(sky_rows=0):
    """8 x 6 pixels of road with so many rows of sky."""
    ids = np.full((8, 6), ROAD, np.uint8)
    ids[:sky_rows] = SKY
    return RoadMask(ids).arrays()


def digits(*labels, p=0.9):
    count = len(labels)
    return Digits(((0, 0, 5, 5),) * count, labels, (p,) * count).arrays()


def test_the_share_of_equal_elements():
    assert agreement(RoadMask, mask(), mask()) == 1
    assert agreement(RoadMask, mask(), mask(2)) == 0.75
    assert agreement(Digits, digits(1, 2), digits(1, 3)) == 0.5


def test_two_of_different_size_or_number_do_not_agree():
    smaller = RoadMask(np.full((4, 6), ROAD, np.uint8)).arrays()
    assert agreement(RoadMask, mask(), smaller) == 0
    assert agreement(Digits, digits(1), digits(1, 2)) == 0


def test_nothing_found_twice_agrees():
    assert agreement(Digits, digits(), digits()) == 1


def test_equal_labels_by_other_probabilities_agree_and_are_not_the_same():
    comparison = Comparison(Digits, ())
    frame = comparison.add(7, digits(1, 2), digits(1, 2, p=0.8))
    assert (frame.index, frame.same, frame.agreement) == (7, False, 1.0)
    assert not comparison.same


@pytest.mark.parametrize(
    "other, ok",
    [
        (digits(1, 2, p=0.9), True),
        (digits(1, 2, p=0.90002), True),
        (digits(1, 2, p=0.8), False),
        (digits(1, 3), False),
        (digits(1), False),
    ],
)
def test_what_is_allowed_between_two_computers(other, ok):
    card = card_of("digits", (), ())
    comparison = Comparison(Digits, (), bounds_between_computers(card, ("fp32", "unknown")))
    assert comparison.add(0, digits(1, 2), other).ok == comparison.ok == ok


def test_nothing_found_on_two_computers_is_the_same():
    comparison = Comparison(Digits, (), bounds_between_computers(card_of("digits", (), ()), ()))
    assert comparison.add(0, digits(), digits()).ok


def test_the_coarsest_precision_decides():
    card = card_of("road", (), (), classes=NAMES)
    allowed = [
        bounds_between_computers(card, precisions).agreement
        for precisions in ((), ("fp32", "fp16"), ("int8", "fp16"))
    ]
    assert allowed == [0.999, 0.995, 0.99]


def test_frames_are_summed_up():
    comparison = Comparison(RoadMask, CAMVID.names)
    comparison.add(3, mask(), mask())
    assert comparison.same
    comparison.add(4, mask(), mask(2))
    assert not comparison.same and comparison.agreement == 0.875
    document = json.loads(json.dumps(comparison.as_json()))
    assert (document["task"], document["frames"], document["same"]) == ("road", 2, 1)
    assert [row["index"] for row in document["per_frame"]] == [3, 4]


def test_the_first_is_taken_for_truth():
    comparison = Comparison(RoadMask, CAMVID.names)
    comparison.add(0, mask(4), mask(2))  # 24 pixels of sky, of which the second finds 12
    classes = comparison.classes()
    assert classes["Sky"] == pytest.approx(12 / 24) and classes["Road"] == pytest.approx(24 / 36)
    assert classes["Tree"] is None  # in neither


def test_masks_of_different_size_have_no_overlap_to_count():
    comparison = Comparison(RoadMask, CAMVID.names)
    comparison.add(0, mask(), RoadMask(np.full((4, 6), ROAD, np.uint8)).arrays())
    assert set(comparison.classes().values()) == {None} and comparison.agreement == 0


def test_a_task_without_masks_has_no_classes():
    comparison = Comparison(Digits, ())
    comparison.add(0, digits(1), digits(1))
    assert comparison.classes() is None and comparison.as_json()["classes"] is None


def test_the_picture_shows_where_masks_differ():
    image = np.full((80, 200, 3), 100, np.uint8)
    one = RoadMask(np.full((80, 200), ROAD, np.uint8)).arrays()
    other = {"mask": one["mask"].copy()}
    other["mask"][:20] = SKY
    picture = picture_of_difference(RoadMask, image, one, other)
    assert picture.shape == (80, 600, 3)
    panel = picture[:, 400:]
    assert (panel[:20] == DIFFERENT_BGR).all()
    assert (panel[20:50] == 50).all()  # the rest of the frame, darker
    assert (picture_of_difference(RoadMask, image, one, one)[:50, 400:] == 50).all()


def test_results_without_masks_lie_side_by_side():
    image = np.zeros((60, 80, 3), np.uint8)
    assert picture_of_difference(Digits, image, digits(1), digits(2)).shape == (60, 160, 3)
