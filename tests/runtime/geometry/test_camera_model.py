"""The camera over flat ground, against the synthetic street's own camera."""

import math

import numpy as np
import pytest

from catseye.runtime.geometry.camera_model import CameraModel, Mount
from catseye.runtime.geometry.lens import Lens
from catseye.runtime.street.painting.camera import Camera, Pose

SIZE = (640, 360)
MOUNT = Mount(1.5, pitch_rad=0.04, roll_rad=-0.02, yaw_rad=0.05, offset_m=0.3)
POINTS = np.array([[5.0, 1.0], [12.0, -3.0], [30.0, 2.0], [4.0, -0.5]])  # x ahead, y left


def model(mount=MOUNT):
    return CameraModel(Lens(SIZE, (560.0, 560.0)), mount)


def test_it_sees_the_ground_as_the_street_does():
    """The vehicle's axis is the world's z: x there is -y here, and the camera's yaw turns right."""
    pose = Pose(np.array([-0.3, 1.5, 0.0]), -0.05, 0.04, -0.02)
    twin = Camera(pose, 560.0, SIZE)
    world = np.stack([-POINTS[:, 1], np.zeros(4), POINTS[:, 0]], axis=1)
    there = twin.pixels_from_camera(twin.camera_from_world(world))
    assert np.allclose(model().at(SIZE).pixels_from_ground(POINTS), there, atol=1e-6)


def test_pixels_go_back_to_the_ground():
    camera = model().at((1280, 720))
    found = camera.ground_from_pixels(camera.pixels_from_ground(POINTS))
    assert np.allclose(found, POINTS, atol=1e-6)
    assert np.isnan(camera.ground_from_pixels(np.array([[640.0, 10.0]]))).all()  # the sky


def test_the_axes_are_a_rotation():
    axes = MOUNT.axes()
    assert np.allclose(axes.dot(axes.T), np.eye(3)) and np.linalg.det(axes) == pytest.approx(1)
    assert np.allclose(Mount(1.0).axes()[2], (1, 0, 0))
    assert Mount(1.0, pitch_rad=math.radians(10)).axes()[2][2] < 0  # looks down


def test_what_is_ignored_scales_with_the_picture():
    camera = model()._replace(ignore=((0.0, 359.0), (319.5, 300.0), (639.0, 359.0)))
    assert camera.at((1280, 720)).ignore[1] == pytest.approx((639.5, 600.5))
