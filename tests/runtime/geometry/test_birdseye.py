"""The ground from above: what lies where, and what is drawn on it."""

import math

import numpy as np
import pytest

from catseye.runtime.classes import CAMVID, ROAD
from catseye.runtime.draw import ACCENT
from catseye.runtime.geometry.birdseye import beside, draw_geometry, plan_of, steering_arc
from catseye.runtime.geometry.camera_model import CameraModel, Mount, Vehicle
from catseye.runtime.geometry.ground_view import GroundView
from catseye.runtime.geometry.labels import labels_of
from catseye.runtime.geometry.lens import Lens
from catseye.runtime.geometry.road_geometry import road_geometry

SIZE = (320, 180)
VIEW = GroundView(CameraModel(Lens(None, (280.0, 280.0)), Mount(1.4, 0.06)), SIZE, SIZE)


def test_a_mark_on_the_ground_is_where_it_lies():
    plan = plan_of(VIEW, (640, 360), (200, 300))
    image = np.zeros((360, 640, 3), np.uint8)
    there = np.array([[8.0, 1.0]])
    ((x, y),) = (VIEW.camera.pixels_from_ground(there) + 0.5) * 2 - 0.5
    image[int(y) - 2 : int(y) + 3, int(x) - 2 : int(x) + 3] = 255
    rows, columns = np.nonzero(plan.of(image)[..., 0] > 200)
    wanted = plan.pixels(there)[0, 0]
    assert abs(columns.mean() - wanted[0]) < 2 and abs(rows.mean() - wanted[1]) < 4
    assert plan_of(VIEW, (640, 360), (200, 300)) is plan


def test_all_that_was_found_is_drawn():
    plan, picture = plan_of(VIEW, SIZE, (200, 300)), np.zeros((300, 200, 3), np.uint8)
    found = road_geometry(np.full((180, 320), ROAD, np.uint8), labels_of(CAMVID), VIEW)
    draw_geometry(picture, plan, found)
    colours = {tuple(colour) for colour in picture.reshape(-1, 3).tolist()}
    assert ACCENT in colours and (40, 40, 220) in colours


@pytest.mark.parametrize("steering", [-0.2, 0.0, 0.1])
def test_the_arc_is_a_circle_of_the_bicycle_model(steering):
    car, arc = Vehicle(), steering_arc(steering, Vehicle(), 12.0)
    if steering == 0:
        assert (arc[:, 1] == 0).all()
    else:
        radius = car.wheelbase_m / math.tan(steering)
        from_centre = np.hypot(arc[:, 0] + car.rear_axle_m, arc[:, 1] - radius)
        assert np.allclose(from_centre, abs(radius))


def test_beside_keeps_the_size():
    camera = np.full((180, 320, 3), 9, np.uint8)
    picture = beside(camera, np.full((180, 100, 3), 7, np.uint8))
    assert picture.shape == camera.shape and (picture[:, 220:] == 7).all()
    assert (picture[90, :220] == 9).all() and (picture[0, :220] == 0).all()
