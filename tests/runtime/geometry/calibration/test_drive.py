"""Pitch, roll and bonnet of cameras whose mount is known."""

import math

import numpy as np
import pytest

from catseye.runtime.classes import ROAD
from catseye.runtime.errors import CheckFailed
from catseye.runtime.geometry.calibration.drive import Bonnet, mounted, vanishing_ray
from catseye.runtime.geometry.camera_model import CameraModel, Mount
from catseye.runtime.geometry.lens import Lens
from catseye.runtime.street import Street
from catseye.runtime.tasks.pixel_corridor import pixel_corridor

SIZE, SMALL = (640, 360), (320, 180)
LENS = Lens(SIZE, (560.0, 560.0)).at(SIZE)


def spans_of(mount):
    """The corridor of a straight road of 7 m, as a camera so mounted sees it."""
    camera = CameraModel(LENS, mount)
    spans = np.full((360, 2), -1)
    columns = np.arange(640)
    for row in range(360):
        ground = camera.ground_from_pixels(np.stack([columns, np.full(640, row)], axis=1))
        with np.errstate(invalid="ignore"):
            y = ground[:, 1]
            on = (np.abs(y + 1) < 3.5) & (ground[:, 0] < 60)
        if on.any():
            spans[row] = np.flatnonzero(on)[[0, -1]]
    return spans


def test_the_edges_meet_where_the_road_leads():
    mount = Mount(1.4, pitch_rad=0.06, yaw_rad=0.08)
    ray = vanishing_ray(spans_of(mount), LENS)
    assert ray == pytest.approx(mount.axes().dot((1.0, 0.0, 0.0)), abs=0.003)
    assert vanishing_ray(np.full((360, 2), -1), LENS) is None


def test_pitch_and_roll_come_of_many_directions():
    rng, rays = np.random.default_rng(0), []
    for yaw in rng.normal(0, 0.12, 120):
        axes = Mount(1.4, pitch_rad=0.05, roll_rad=0.03).axes()
        ray = axes.dot((math.cos(yaw), math.sin(yaw), 0.0)) + rng.normal(0, 0.003, 3)
        rays.append(ray / np.linalg.norm(ray))
    found = mounted(rays)
    assert found.pitch_rad == pytest.approx(0.05, abs=0.003)
    assert found.roll_rad == pytest.approx(0.03, abs=0.01) and found.roll_error_rad < 0.012


def test_a_straight_drive_tells_no_roll():
    rng = np.random.default_rng(0)
    rays = [np.array([0.0, -0.05, 1.0]) + rng.normal(0, 0.003, 3) for _ in range(60)]
    found = mounted(rays)
    assert found.roll_error_rad is None and found.roll_rad == 0
    assert found.pitch_rad == pytest.approx(0.05, abs=0.003)
    with pytest.raises(CheckFailed, match="30 or more"):
        mounted(rays[:29])


def test_edges_that_lead_aside_are_not_the_roads():
    rng = np.random.default_rng(0)
    rays = [np.array([-0.2, -0.05, 1.0]) + rng.normal(0, 0.003, 3) for _ in range(60)]
    with pytest.raises(CheckFailed, match="11 degrees to the left on the whole"):
        mounted(rays)
    assert mounted(rays, yaw_rad=-0.2).pitch_rad == pytest.approx(0.05, abs=0.003)


def test_what_is_wrong_for_a_while_makes_the_pitch_less_sure():
    """A frame errs as the one before does: an error of the mean over all would be far too small."""
    rng = np.random.default_rng(0)
    slow = np.repeat(rng.normal(0, 0.02, 8), 40)
    rays = [np.array([0.0, -0.05 + off, 1.0]) + rng.normal(0, 0.003, 3) for off in slow]
    found = mounted(rays)
    assert 0.005 < found.pitch_error_rad < 0.012
    assert abs(found.pitch_rad - 0.05) < 2 * found.pitch_error_rad


def test_a_drive_down_the_street():
    """By true masks, within a quarter of a degree; a bonnet of flat grey is found."""
    street = Street(12, SMALL)
    lens = Lens(SMALL, (street.surroundings(0.0).camera.focal_px,) * 2).at(SMALL)
    rays, bonnet = [], Bonnet()
    for index in range(36):
        image, mask = street.render(0.8 * index)
        ray = vanishing_ray(pixel_corridor(mask == ROAD), lens)
        rays += [] if ray is None else [ray]
        image[150:, 100:220] = (60, 40, 30)
        bonnet.add(image)
    poses = [street.surroundings(0.8 * index).camera.pose.pitch for index in range(36)]
    assert mounted(rays).pitch_rad == pytest.approx(np.mean(poses), abs=math.radians(0.25))
    corners = np.array(bonnet.polygon(SIZE))  # enlarged
    assert corners.min(axis=0) == pytest.approx((200, 300), abs=9)
    assert corners.max(axis=0) == pytest.approx((440, 360), abs=9)


def test_no_bonnet_is_none():
    rng, bonnet = np.random.default_rng(0), Bonnet()
    for _ in range(40):
        bonnet.add(rng.integers(0, 255, (90, 160, 3), np.uint8))
    assert bonnet.polygon(SIZE) == () and Bonnet().polygon(SIZE) == ()
