"""Scores by labels that leave a choice or say nothing, counted by hand."""

import json

import numpy as np
import pytest

from catseye.runtime.classes import VOID
from catseye.runtime.datasets.partial import PartialLabel
from catseye.runtime.evaluation.label_scores import LabelScores

NAMES = ("Sky", "Road", "Pavement", "Tree")
NEITHER, EITHER = 4, 5  # codes
PARTIALS = (PartialLabel((1, 2), True), PartialLabel((0, 3), False))


def scores_of(truth, answer, partials=PARTIALS):
    scores = LabelScores(NAMES, partials)
    scores.add(np.array([truth], np.uint8), np.array([answer], np.uint8))
    return scores


def test_a_class_without_labels_is_left_out_and_named():
    scores = scores_of([1, 1, 1, 1], [1, 1, 1, 3])
    assert scores.miou() == pytest.approx(3 / 4) and scores.undecided() == [
        "Sky",
        "Pavement",
        "Tree",
    ]
    answer = scores.as_json()
    assert answer["iou"] == {"Sky": None, "Road": 3 / 4, "Pavement": None, "Tree": None}
    assert answer["recall"]["Road"] == 3 / 4 and answer["recall"]["Tree"] is None


def test_a_false_alarm_counts_against_its_class():
    """Two of three road pixels found, one of four "none of" called road, one pavement."""
    scores = scores_of([1, 1, 1] + [NEITHER] * 4, [1, 1, 0] + [1, 2, 0, 3])
    assert scores.false_alarms() == pytest.approx(2 / 4) and scores.one_of_right() is None
    assert scores.iou()[1] == pytest.approx(2 / 4) and scores.recall()[1] == pytest.approx(2 / 3)


def test_one_of_is_right_if_the_answer_is_among_them():
    scores = scores_of([0, 1] + [EITHER] * 4, [0, 1] + [0, 3, 3, 1])
    assert scores.one_of_right() == pytest.approx(3 / 4) and scores.false_alarms() is None
    # the one called road is a false positive of it; the sky among the others is not one of sky
    assert scores.iou()[:2] == pytest.approx([1, 1 / 2])


def test_by_label():
    answer = scores_of([NEITHER, NEITHER, EITHER], [1, 0, 3]).as_json()
    assert answer["partial"] == {
        "none of Road, Pavement": {"pixels": 2, "wrong": 0.5},
        "one of Sky, Tree": {"pixels": 1, "wrong": 0.0},
    }
    assert answer["miou"] is None
    json.dumps(answer, allow_nan=False)


def test_void_says_nothing():
    scores = scores_of([VOID, VOID, 1], [1, 2, 1])
    assert scores.counts.sum() == 1 and scores.partial_counts.sum() == 0


def test_whole_labels_have_no_partial_part():
    answer = scores_of([0, 1], [0, 0], ()).as_json()
    assert set(answer) == {"miou", "iou", "recall", "undecided", "recall_only"}
    assert answer["miou"] == pytest.approx((1 / 2 + 0) / 2)


@pytest.mark.parametrize(
    "truth, names",
    [
        ([1, VOID], ["Road"]),
        ([1, EITHER], []),
        ([1, NEITHER], []),
        ([0, EITHER], ["Sky"]),
        ([0, 1], []),
        ([VOID, NEITHER], []),
    ],
)
def test_classes_that_no_label_rules_out(truth, names):
    assert scores_of(truth, truth[:1] * 2).recall_only() == names
