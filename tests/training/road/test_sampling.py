"""Shares of the draws, counted by hand."""

import numpy as np
import pytest

from catseye.runtime.datasets.partial import CODES
from catseye.training.road.sampling import (
    FOCUSED,
    Facts,
    draw_weights,
    drawn,
    facts_of,
    rare_classes,
    rare_pixel,
)


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


def test_sets_that_name_few_classes_get_a_quarter():
    rows = [[0, 1, 2]] * 4 + [[0]] * 4 + [[255]] * 16
    of_set = np.array([0] * 4 + [1] * 4 + [2] * 16)
    weights = draw_weights(facts(rows, [False] * 24), of_set, 3)
    shares = [weights[of_set == one].sum() for one in range(3)]
    assert shares == pytest.approx([3 / 4, 1 / 4 / 3, 1 / 4 * 2 / 3])


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
    weights = draw_weights(facts([[0, 1], [255]], [False] * 2), np.array([0, 1]), 2)
    assert weights.tolist() == [0.75, 0.25]
    assert draw_weights(facts([[255]], [False]), np.array([0]), 2).tolist() == [1]


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


def test_rare_classes_are_those_of_few_pixels():
    codes = np.zeros((2, CODES), np.int64)
    codes[0, :3] = 900, 99, 1
    codes[1, :2] = 990, 10
    found = Facts(codes, np.array([False] * 2))
    assert rare_classes(np.array([0.5, 0.5]), found, 4).tolist() == [2]
    assert rare_classes(np.array([0.0, 1.0]), found, 4).tolist() == [1]


def test_some_crops_look_at_a_rare_class():
    mask = np.zeros((40, 60), np.uint8)
    mask[20:28, 32:40] = 5
    looks = [rare_pixel(mask, np.array([5, 7]), np.random.default_rng(i)) for i in range(400)]
    seen = [look for look in looks if look is not None]
    assert abs(len(seen) / 400 - FOCUSED) < 0.1
    assert all(mask[y, x] == 5 for x, y in seen)
    assert rare_pixel(mask, np.array([7]), np.random.default_rng(0)) is None
