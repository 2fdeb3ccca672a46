"""Tables of the ground: every sample shows what lies there."""

import math

import numpy as np

from catseye.runtime.geometry.camera_model import CameraModel, Mount
from catseye.runtime.geometry.ground_view import DIRECTIONS, GroundView
from catseye.runtime.geometry.lens import Lens

MOUNT = Mount(1.4, math.radians(4), roll_rad=0.02)


def test_samples_show_the_ground_they_are_of():
    view = GroundView(CameraModel(Lens(None, (700.0, 700.0)), MOUNT), (800, 600), (400, 300))
    columns, rows = np.meshgrid(np.arange(400), np.arange(300))
    frame = (np.stack([columns.ravel(), rows.ravel()], axis=1) + 0.5) * 2 - 0.5
    ahead = view.camera.ground_from_pixels(frame)[:, 0].reshape(300, 400)
    shown = view.grid.of(ahead)
    truth = np.broadcast_to(view.rows_m[:, None], shown.shape)
    near = view.grid.seen & (truth < 12)
    assert near.mean() > 0.1 and (np.abs(shown - truth)[near] < 0.02 * truth[near] + 0.1).all()


def test_rows_go_from_near_to_far_and_directions_from_left_to_right():
    view = GroundView(CameraModel(Lens(None, (700.0, 700.0)), MOUNT), (800, 600), (400, 300))
    assert (np.diff(view.rows_m) > 0).all() and (np.diff(view.columns_m) < 0).all()
    assert len(view.angles_rad) == DIRECTIONS and (np.diff(view.angles_rad) < 0).all()
    assert view.near_m == view.rows_m[0] and abs(view.reach_m - view.rows_m[-1]) < 1e-9


def test_a_fisheye_sees_to_the_sides():
    lens = Lens(None, None, None, math.radians(170), (), True)
    view = GroundView(CameraModel(lens, MOUNT), (800, 600), (400, 300))
    assert view.near_m < 1.0 and np.abs(view.angles_rad).max() > math.radians(70)
