"""The own lane on drawn markings, and where there is none."""

import numpy as np
import pytest

from catseye.runtime.geometry.corridor import Corridor
from catseye.runtime.geometry.lane import own_lane

X, Y = np.geomspace(3, 40, 100), np.arange(10, -10.01, -0.2)
AHEAD, SIDE = np.meshgrid(X, Y, indexing="ij")
SEEN = np.ones(100, bool)
ROAD = Corridor(X, np.full(100, 6.0), np.full(100, -6.0), *[SEEN] * 4)


def lines(*at, bend=0.0, dashes=False):
    middle = AHEAD**2 * bend / 2
    found = np.zeros(AHEAD.shape, bool)
    for y in at:
        found |= np.abs(SIDE - middle - y) < 0.15
    return found & ((AHEAD % 6 < 3) if dashes else True)


@pytest.mark.parametrize("dashes", [False, True])
def test_the_lane_between_two_lines(dashes):
    lane = own_lane(ROAD, lines(1.8, 5.4, -1.8, -5.4, dashes=dashes), Y, 1.9)
    assert np.abs(lane.left_m - 1.8).max() < 0.3 and np.abs(lane.right_m + 1.8).max() < 0.3
    assert len(lane.x_m) == 100 and lane.both_seen().all()


def test_a_bend():
    lane = own_lane(ROAD, lines(1.8, -1.8, bend=0.004), Y, 1.9)
    near = lane.x_m < 20
    assert np.abs(lane.left_m - 1.8 - 0.002 * lane.x_m**2)[near].max() < 0.4


def test_one_line_or_none_is_no_lane():
    assert own_lane(ROAD, lines(1.8), Y, 1.9) is None
    assert own_lane(ROAD, lines(), Y, 1.9) is None
    assert own_lane(ROAD, lines(5.5, -5.5), Y, 1.9) is None  # a carriageway
    assert own_lane(Corridor(*(column[:0] for column in ROAD)), lines(1.8, -1.8), Y, 1.9) is None


def test_it_ends_where_the_corridor_closes():
    closing = ROAD._replace(left_m=np.where(X < 15, 6.0, -1.0))
    assert own_lane(closing, lines(1.8, -1.8), Y, 1.9).x_m[-1] < 15
