"""Lenses: rays and pixels are each other's inverse, at every size, and a fold is not looked
through."""

import math

import cv2
import numpy as np
import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.geometry.lens import Lens

WIDE = (0.05, -0.01, 0.002, -0.0005)
BARREL = (-0.36, 0.11, 0.001, 0.0005, 0.0)
LENSES = {
    "plain": Lens((640, 480), (500.0, 510.0), (310.0, 250.0)),
    "barrel": Lens((640, 480), (440.0, 440.0), (305.0, 243.0), None, BARREL),
    "fisheye": Lens((640, 480), (300.0, 300.0), None, None, (0.01, -0.002, 0.0, 0.0), True),
    "field": Lens(None, None, None, math.radians(70)),
}


@pytest.mark.parametrize("name", LENSES)
def test_rays_and_pixels_are_each_others_inverse(name):
    lens = LENSES[name].at((640, 480))
    pixels = np.random.default_rng(0).uniform((20, 20), (620, 460), (200, 2))
    rays = lens.rays_from_pixels(pixels)
    assert np.allclose(np.linalg.norm(rays, axis=1), 1)
    assert np.abs(lens.pixels_from_rays(rays) - pixels).max() < 0.02


@pytest.mark.parametrize("name", LENSES)
def test_twice_the_picture_is_twice_the_pixels(name):
    small, large = LENSES[name].at((640, 480)), LENSES[name].at((640, 480)).at((1280, 960))
    rays = small.rays_from_pixels(np.array([[100.0, 200.0], [320.0, 400.0]]))
    there = (small.pixels_from_rays(rays) + 0.5) * 2 - 0.5
    assert np.allclose(large.pixels_from_rays(rays), there, atol=1e-3)


def test_a_field_of_view_reaches_the_sides():
    for fisheye in (False, True):
        lens = Lens(None, None, None, math.radians(80), (), fisheye).at((1000, 500))
        left, right = lens.rays_from_pixels(np.array([[-0.5, 249.5], [999.5, 249.5]]))
        assert math.acos(left.dot(right)) == pytest.approx(math.radians(80), abs=1e-6)


def test_a_fisheye_sees_beyond_90_degrees():
    lens = Lens((1280, 960), (300.0, 300.0), (640.0, 480.0), None, WIDE, True).at((1280, 960))
    angles = np.radians([0.0, 30.0, 80.0, 88.0, 95.0, 105.0])
    rays = np.stack([-np.sin(angles), 0 * angles, np.cos(angles)], axis=1)
    powers = angles[:, None] ** (2 * np.arange(5) + 1)
    left = 640 - 300 * powers.dot((1.0,) + WIDE)
    pixels = lens.pixels_from_rays(rays)
    assert np.allclose(pixels, np.stack([left, np.full(6, 480.0)], axis=1))
    assert np.allclose(lens.rays_from_pixels(pixels), rays)


def test_a_fisheye_is_that_of_opencv_where_it_is_right():
    lens = LENSES["fisheye"].at((640, 480))
    pixels = np.random.default_rng(1).uniform((0, 0), (639, 479), (100, 1, 2))
    flat = cv2.fisheye.undistortPoints(pixels, lens.matrix(), np.array(lens.distortion))[:, 0]
    rays = lens.rays_from_pixels(pixels)
    assert np.abs(rays[:, :2] / rays[:, 2:] - flat).max() < 1e-6
    still = np.zeros(3)
    there = cv2.fisheye.projectPoints(
        rays[:, None], still, still, lens.matrix(), np.array(lens.distortion)
    )
    assert np.allclose(lens.pixels_from_rays(rays), there[0][:, 0])


def test_pixels_outside_a_fisheye_s_circle_get_the_ray_of_its_edge():
    lens = LENSES["fisheye"]._replace(distortion=(-0.1, 0.0, 0.0, 0.0)).at((640, 480))
    ray = lens.rays_from_pixels(np.array([[2000.0, lens.centre_px[1]]]))
    assert np.allclose(ray, [[math.sin(lens.steepest()), 0, math.cos(lens.steepest())]])


def test_another_ratio_is_refused():
    with pytest.raises(CatseyeError, match="640x360 with a camera model of 640x480"):
        LENSES["plain"].at((640, 360))
    assert LENSES["plain"].at((639, 480)).size_wh == (639, 480)  # a pixel is no other ratio


def test_what_is_behind_or_beyond_a_fold_is_not_seen():
    rays = np.array([[0, 0, -1.0], [0, 0.1, 1.0], [0, 40.0, 1.0]])
    seen = np.isfinite(LENSES["plain"].at((640, 480)).pixels_from_rays(rays)).all(axis=1)
    assert seen.tolist() == [False, True, True]
    lens = LENSES["plain"]._replace(distortion=(-0.36, 0.0, 0.0, 0.0)).at((640, 480))
    folded = np.isfinite(lens.pixels_from_rays(rays)).all(axis=1)
    assert folded.tolist() == [False, True, False]
    assert LENSES["fisheye"].steepest() > math.radians(80)
