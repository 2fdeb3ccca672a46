"""Metres of the synthetic street, whose geometry is known."""

import json
import math

import numpy as np
import pytest

from catseye.runtime.classes import CAMVID, NAMES, ROAD
from catseye.runtime.errors import CatseyeError
from catseye.runtime.geometry.camera_model import CameraModel, Mount
from catseye.runtime.geometry.ground_view import GroundView
from catseye.runtime.geometry.labels import labels_of
from catseye.runtime.geometry.lens import Lens
from catseye.runtime.geometry.road_geometry import NUMBERS, road_geometry

SIZE = (640, 360)
CAMERA = CameraModel(
    Lens(SIZE, (560.0, 560.0)), Mount(1.5, math.radians(3), pitch_error_rad=math.radians(0.3))
)
VIEW = GroundView(CAMERA, SIZE, SIZE)
LABELS = labels_of(CAMVID)
CAR = NAMES.index("Car")


def drawn(is_road):
    """(360, 640) uint8: road on the ground where is_road(x, y) says so."""
    columns, rows = np.meshgrid(np.arange(640), np.arange(360))
    ground = VIEW.camera.ground_from_pixels(np.stack([columns.ravel(), rows.ravel()], axis=1))
    with np.errstate(invalid="ignore"):
        return np.where(is_road(*ground.T).reshape(360, 640), ROAD, 0).astype(np.uint8)


def geometry(ids, view=VIEW):
    return road_geometry(ids, LABELS, view)


def test_a_straight_road_up_to_a_wall():
    found = geometry(drawn(lambda x, y: (np.abs(y + 1) < 3) & (x < 15))).as_json()
    assert found["free_m"] == pytest.approx(15, rel=0.02) and not found["free_beyond"]
    assert found["free_low_m"] < 14.5 and found["free_high_m"] > 15.5
    assert found["width_at_10_m"] == pytest.approx(6, rel=0.03)
    assert found["width_at_20_m"] is None and found["corridor_length_m"] == pytest.approx(
        15, rel=0.04
    )
    assert found["offset_m"] == pytest.approx(1, abs=0.1)
    assert found["steering_rad"] is None and found["steering_error_rad"] > 0.03  # of 15 m of edges
    x, y = np.array(found["corridor_m"]).T
    assert 0 < x.min() and x.max() < 15.5 and -4.2 < y.min() and y.max() < 2.2
    straight = np.abs(np.array(found["free_directions"]["deg"])) < 3
    assert np.array(found["free_directions"]["free_m"])[straight] == pytest.approx(15, rel=0.03)


def test_a_long_road_tells_its_way():
    found = geometry(drawn(lambda x, y: np.abs(y + 1) < 3)).as_json()
    assert (
        found["heading_rad"] == pytest.approx(0, abs=0.015) and found["steering_error_rad"] < 0.03
    )
    assert found["steering_rad"] == pytest.approx(0, abs=found["steering_error_rad"])
    assert found["curvature_per_m"] == pytest.approx(0, abs=0.002)


def test_all_road_is_free_as_far_as_may_be_told():
    found = geometry(np.full((360, 640), ROAD, np.uint8)).as_json()
    assert found["free_beyond"] and found["free_m"] == found["reach_m"] == round(VIEW.reach_m, 2)
    assert found["free_high_m"] is None and found["width_m"] is None
    assert found["steering_rad"] is None and found["corridor_kind"] == "drivable"


def test_no_road_is_zero():
    found = json.loads(json.dumps(geometry(np.zeros((360, 640), np.uint8)).as_json()))
    assert found["free_m"] == found["free_low_m"] == found["corridor_length_m"] == 0
    assert found["free_high_m"] == pytest.approx(VIEW.near_m, abs=0.01)
    assert found["corridor_kind"] is None and found["corridor_m"] == found["centre_m"] == []
    assert {type(found[name]) for name in NUMBERS} <= {int, float, type(None)}


def test_a_vehicle_hides_the_ground_behind_its_bumper():
    """Its body ends 0.2 m above the ground, at 15 m."""
    behind = 15 * 1.5 / 1.3
    ids = drawn(lambda x, y: x < behind)
    ids[ids != ROAD] = CAR
    found = geometry(ids).as_json()
    assert found["free_m"] == pytest.approx(15, rel=0.05)
    assert found["free_low_m"] < 15 < behind < found["free_high_m"]


def test_the_bonnet_is_neither_road_nor_obstacle():
    camera = CAMERA._replace(ignore=((0.0, 359.0), (200.0, 320.0), (440.0, 320.0), (639.0, 359.0)))
    view, road = GroundView(camera, SIZE, SIZE), drawn(lambda x, y: np.abs(y) < 3)
    road[view.ignored] = CAR
    assert geometry(road).as_json()["free_m"] == 0
    found = geometry(road, view).as_json()
    assert found["free_beyond"] and found["width_at_10_m"] == pytest.approx(6, rel=0.03)


def test_a_camera_that_sees_no_ground_is_refused():
    for pitch in (-0.7, 1.39):
        with pytest.raises(CatseyeError, match="sees no ground ahead"):
            GroundView(CAMERA._replace(mount=Mount(1.5, pitch)), SIZE, SIZE)


@pytest.mark.parametrize("mask_wh", [(320, 180), (160, 90)])
def test_a_smaller_mask_says_about_the_same(mask_wh):
    road = drawn(lambda x, y: (np.abs(y + 1) < 3) & (x < 12))
    step = 640 // mask_wh[0]
    small = np.ascontiguousarray(road[step // 2 :: step, step // 2 :: step])
    found = geometry(small, GroundView(CAMERA, SIZE, mask_wh)).as_json()
    assert found["free_m"] == pytest.approx(12, rel=0.06)
    assert found["width_at_10_m"] == pytest.approx(6, rel=0.06)


def test_the_corridor_is_told_in_pixels_too():
    road = drawn(lambda x, y: np.abs(y) < 3)
    spans = geometry(road).spans()
    rows = np.flatnonzero(spans[:, 0] >= 0)
    inside = [
        (road[row, first : last + 1] == ROAD).mean()
        for row, (first, last) in enumerate(spans)
        if row in rows
    ]
    assert len(rows) > 100 and np.mean(inside) > 0.97
