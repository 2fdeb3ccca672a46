"""The corridor on drawn grids: its edges, what it leaves out, where it ends."""

import numpy as np
import pytest

from catseye.runtime.geometry.corridor import Grid, corridor_of

X, Y = np.geomspace(3, 40, 100), np.arange(10, -10.01, -0.125)
AHEAD, LEFT = np.meshgrid(X, Y, indexing="ij")
ALL = np.ones(AHEAD.shape, bool)


def found(road, seen=ALL, width=1.9, standing=~ALL):
    shown = seen.argmax(axis=1), seen.shape[1] - 1 - seen[:, ::-1].argmax(axis=1)
    here, following = road.ravel(), np.roll(road.ravel(), -1)
    fine = lambda places: (here[places] * 1.0 + following[places]) / 2  # noqa: E731
    grid = Grid(road, seen, standing, X, Y, shown, fine)
    return corridor_of(grid, width)


def test_a_straight_road_has_its_edges():
    corridor = found((LEFT < 2) & (LEFT > -4))
    assert np.abs(corridor.left_m - 2).max() < 0.13 and np.abs(corridor.right_m + 4).max() < 0.13
    assert corridor.x_m[-1] == X[-1] and corridor.both_seen().all()
    assert corridor.width_at(10) == pytest.approx(6, abs=0.13) and corridor.width_at(41) is None


def test_a_bend_is_followed():
    middle = AHEAD**2 / 2 / 80
    corridor = found(np.abs(LEFT - middle) < 3)
    truth = corridor.x_m**2 / 2 / 80
    inside = corridor.left_m < 9.5
    assert (np.abs(corridor.left_m - truth - 3)[inside] < 0.3).all() and inside.sum() > 80


def test_the_mouth_of_a_side_road_is_no_part_of_it():
    road = (LEFT < 2) & (LEFT > -4) | ((AHEAD > 12) & (AHEAD < 19) & (LEFT > 0))
    assert found(road).left_m.max() < 3.5 and found(road).right_m.min() > -4.2


def test_it_goes_round_what_stands_in_its_way():
    road = (np.abs(LEFT) < 4) & ~((AHEAD > 15) & (AHEAD < 20) & (LEFT > -1))
    corridor = found(road)
    beside = corridor.left_m[(corridor.x_m > 16) & (corridor.x_m < 19)]
    assert (beside < -0.8).all() and corridor.x_m[-1] == X[-1]
    blocked = (np.abs(LEFT) < 4) & ~((AHEAD > 15) & (LEFT > -2.5))
    assert 14 < found(blocked).x_m[-1] < 16  # what is left is narrower than the vehicle


def test_what_stands_on_the_road_is_no_edge_of_the_road():
    parked = (AHEAD > 15) & (AHEAD < 20) & (LEFT > 2) & (LEFT < 4)
    corridor = found((np.abs(LEFT) < 4) & ~parked, standing=parked)
    beside = (corridor.x_m > 15.5) & (corridor.x_m < 19.5)
    assert not corridor.left_road[beside].any()
    assert corridor.right_road.all() and corridor.left_road[corridor.x_m < 13.5].all()


def test_specks_are_nothing():
    rng = np.random.default_rng(0)
    road = np.abs(LEFT) < 3
    corridor = found(road ^ (rng.random(road.shape) < 0.01))
    assert np.abs(corridor.left_m - 3).max() < 0.3 and corridor.x_m[-1] == X[-1]


def test_an_edge_out_of_the_picture_is_not_seen():
    corridor = found(np.abs(LEFT) < 3, np.abs(LEFT) < AHEAD / 2)
    near, far = corridor.x_m < 5.5, corridor.x_m > 6.5
    assert not corridor.left_seen[near].any() and corridor.both_seen()[far].all()
    assert corridor.width_at(5) is None and corridor.width_at(10) == pytest.approx(6, abs=0.2)


def test_no_road_no_corridor():
    assert len(found(~ALL).x_m) == 0 and found(~ALL).outline().shape == (0, 2)
    assert len(found(np.abs(LEFT) < 0.8).x_m) == 0  # narrower than the vehicle
