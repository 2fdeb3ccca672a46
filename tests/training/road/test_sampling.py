"""Shares of the draws, counted by hand."""

import numpy as np
import pytest

from catseye.runtime.datasets.partial import CODES
from catseye.training.road.sampling import Facts, draw_weights, drawn, facts_of


def facts(rows, night):
    codes = np.zeros((len(rows), CODES), np.int64)
    for row, ids in enumerate(rows):
        codes[row, ids] = 100
    return Facts(codes, np.array(night))


def test_sets_are_drawn_by_the_root_of_their_size():
    of_set = np.array([0] * 16 + [1] * 4)
    weights = draw_weights(facts([[0, 1]] * 20, [False] * 20), of_set, 2)
    assert weights.sum() == pytest.approx(1)
    assert weights[:16].sum() == pytest.approx(2 / 3)  # 4 : 2


def test_night_gets_a_third_of_its_set_where_it_can():
    night = [True] * 2 + [False] * 10
    weights = draw_weights(facts([[0]] * 12, night), np.zeros(12, int), 2)
    assert weights[:2].sum() == pytest.approx(1 / 3)
    few = [True] + [False] * 29  # 1 in 30, three times as often at most
    assert draw_weights(facts([[0]] * 30, few), np.zeros(30, int), 2)[0] == pytest.approx(0.1)


def test_frames_with_a_rare_class_are_drawn_oftener():
    rows = [[0, 1]] + [[0]] * 7
    weights = draw_weights(facts(rows, [False] * 8), np.zeros(8, int), 2)
    assert weights[0] / weights[1] == pytest.approx(2)  # the root of 0.5 over 1 / 8


def test_frames_without_labels_are_no_hindrance():
    weights = draw_weights(facts([[0], [255]], [False] * 2), np.array([0, 1]), 2)
    assert weights.tolist() == [0.5, 0.5]


def test_each_is_drawn_as_often_as_its_weight_says():
    weights = np.array([0.5, 0.25, 0.125, 0.125])
    counts = np.bincount(drawn(weights, 40, np.random.default_rng(0)), minlength=4)
    assert np.abs(counts - weights * 40).max() <= 1 and counts.sum() == 40
    again = drawn(weights, 40, np.random.default_rng(0))
    assert np.array_equal(again, drawn(weights, 40, np.random.default_rng(0)))


def test_equal_weights_draw_every_frame_once():
    assert sorted(drawn(np.full(7, 1 / 7), 7, np.random.default_rng(3))) == list(range(7))


def test_facts_of_frames():
    day, night = np.full((16, 16, 3), 120, np.uint8), np.full((16, 16, 3), 20, np.uint8)
    mask = np.zeros((16, 16), np.uint8)
    mask[0] = 255
    found = facts_of([(day, mask), (night, mask)])
    assert found.night.tolist() == [False, True]
    assert found.codes[0, 0] == 240 and found.codes[0, 255] == 16
    assert found.undecided(2).tolist() == [1 / 16] * 2
