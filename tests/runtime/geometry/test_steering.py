"""The way through corridors of known shape."""

import math

import numpy as np
import pytest

from catseye.runtime.geometry.camera_model import CameraModel, Mount
from catseye.runtime.geometry.corridor import Corridor
from catseye.runtime.geometry.lens import Lens
from catseye.runtime.geometry.steering import look_ahead_m, way_through

X = np.geomspace(3, 40, 100)
SEEN = np.ones(100, bool)
CAMERA = CameraModel(Lens(None, (700.0, 700.0)), Mount(1.4))
CAR = CAMERA.vehicle


def bent(curvature, heading=0.0, left=3.0, right=-3.0):
    middle = math.tan(heading) * X + curvature / 2 * X**2
    return Corridor(X, middle + left, middle + right, *[SEEN] * 4)


@pytest.mark.parametrize("curvature", [-0.02, -0.005, 0.005, 0.02])
def test_curvature_and_steering_of_a_bend(curvature):
    way = way_through(bent(curvature), CAMERA, None, is_lane=True)
    assert way.curvature_per_m == pytest.approx(curvature, rel=0.01)
    assert way.steering_rad == pytest.approx(math.atan(CAR.wheelbase_m * curvature), rel=0.4)
    assert way.lookahead_m == pytest.approx(10, rel=0.05)


def test_heading_and_offset():
    way = way_through(bent(0.0, heading=0.1, left=2.0, right=-4.0), CAMERA, None, is_lane=False)
    assert way.heading_rad == pytest.approx(0.1, rel=0.01) and way.offset_m == pytest.approx(
        1.0, abs=0.02
    )
    assert way.steering_rad > 0


def test_a_lane_is_steered_for_its_middle_and_a_road_is_not():
    corridor = bent(0.0, left=2.0, right=-4.0)
    assert way_through(corridor, CAMERA, None, is_lane=False).steering_rad == pytest.approx(
        0, abs=1e-6
    )
    assert way_through(corridor, CAMERA, None, is_lane=True).steering_rad < -0.02


def test_what_stands_at_an_edge_does_not_bend_the_way():
    corridor = bent(0.004)
    parked = (X > 10) & (X < 16)
    corridor = corridor._replace(left_m=np.where(parked, corridor.left_m - 2.2, corridor.left_m))
    for road in (SEEN, ~parked):
        way = way_through(corridor._replace(left_road=road), CAMERA, None, is_lane=False)
        assert way.curvature_per_m == pytest.approx(0.004, rel=0.1)


def test_a_pitch_that_is_off_makes_a_fan_and_no_bend():
    """Each point is told at x (1 + f x), y (1 + f x)."""
    true, off = bent(0.005, left=6.0, right=-2.0), math.radians(0.7) / 1.4
    told = true._replace(
        x_m=X * (1 + off * X),
        left_m=true.left_m * (1 + off * X),
        right_m=true.right_m * (1 + off * X),
    )
    way = way_through(told, CAMERA, None, is_lane=False)
    assert abs(way.steering_rad - math.atan(CAR.wheelbase_m * 0.005)) < way.steering_error_rad
    assert way.heading_rad == pytest.approx(0, abs=0.03) and way.steering_error_rad < 0.02


def test_one_edge_is_enough_to_steer_along():
    corridor = bent(0.01)._replace(left_road=~SEEN)
    way = way_through(corridor, CAMERA, None, is_lane=False)
    assert way.offset_m is None and way.curvature_per_m == pytest.approx(0.01, rel=0.1)
    neither = corridor._replace(right_road=~SEEN)
    assert way_through(neither, CAMERA, None, is_lane=False) is None


def test_the_edges_are_kept_off():
    way = way_through(bent(0.0, left=0.2, right=-6.0), CAMERA, None, is_lane=False)
    assert way.steering_rad < -0.02  # half of the vehicle would be off the road


def test_faster_looks_farther():
    assert look_ahead_m(None) == 10 and look_ahead_m(3) == 6
    assert look_ahead_m(15) == 15 and look_ahead_m(60) == 25


def test_too_short_is_no_way():
    few = Corridor(*(column[:5] for column in bent(0.0)))
    assert way_through(few, CAMERA, None, is_lane=False) is None
