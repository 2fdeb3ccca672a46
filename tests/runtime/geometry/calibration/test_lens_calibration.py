"""A known lens is found again, and poor views are refused."""

import cv2
import numpy as np
import pytest

from catseye.runtime.errors import CatseyeError, CheckFailed
from catseye.runtime.geometry.calibration.board import Corners, board_from_text
from catseye.runtime.geometry.calibration.lens_calibration import Views, calibrated
from catseye.runtime.geometry.lens import Lens

SIZE = (640, 480)


@pytest.fixture(scope="module")
def seen(views):
    board = board_from_text("9x6x25mm")
    found = [board.corners_in(picture) for picture in views[1]]
    return [corners for corners in found if corners is not None]


def views_of(seen):
    views = Views()
    for corners in seen:
        views.add(corners, SIZE)
    return views


def test_the_lens_is_found_again(views, seen):
    found = calibrated(views_of(seen), fisheye=False)
    truth = views[0]
    assert np.allclose(found.lens.focal_px, truth.focal_px, rtol=0.015)
    assert np.allclose(found.lens.centre_px, truth.centre_px, atol=6)
    assert found.error_px < 0.3 and found.views >= 8
    edge = np.array([[30.0, 240.0], [610.0, 450.0]])
    off = found.lens.at(SIZE).rays_from_pixels(edge) - truth.at(SIZE).rays_from_pixels(edge)
    assert np.abs(off).max() < 0.02


def of_a_lens(lens, count=14, noise=0.1, tilt=0.5):
    """Exact corners of a board through a lens, with noise."""
    rng = np.random.default_rng(1)
    rows, columns = np.indices((6, 9), float)
    board = np.stack([columns, rows, np.zeros_like(rows)], axis=-1).reshape(-1, 3) * 0.025
    found = []
    while len(found) < count:
        rotation = cv2.Rodrigues(rng.uniform(-tilt, tilt, 3))[0]
        place = np.array([rng.uniform(-0.3, 0.2), rng.uniform(-0.25, 0.15), rng.uniform(0.2, 0.5)])
        pixels = lens.at(SIZE).pixels_from_rays(board.dot(rotation.T) + place)
        if np.isfinite(pixels).all() and (pixels > 0).all() and (pixels < SIZE).all():
            pixels = pixels + rng.normal(0, noise, pixels.shape)
            found.append(Corners(board.astype(np.float32), pixels.astype(np.float32)))
    return found


def test_a_fisheye_is_found_again():
    truth = Lens(SIZE, (250.0, 250.0), (322.0, 238.0), None, (0.02, -0.005, 0.0, 0.0), True)
    found = calibrated(views_of(of_a_lens(truth, count=30)), fisheye=True)
    assert np.allclose(found.lens.focal_px, 250, rtol=0.02) and found.lens.fisheye
    assert np.allclose(found.lens.centre_px, truth.centre_px, atol=5)


def test_poor_views_are_refused(seen):
    with pytest.raises(CheckFailed, match="8 or more"):
        calibrated(views_of(seen[:3]), fisheye=False)
    shifted = [corners._replace(pixels=corners.pixels * 0.3) for corners in seen]
    few = Views()
    few.size_wh, few.corners = SIZE, shifted
    with pytest.raises(CheckFailed, match="% of the picture"):
        calibrated(few, fisheye=False)
    lens = Lens(SIZE, (520.0, 520.0), (320.0, 240.0))
    with pytest.raises(CheckFailed, match="reprojection error"):
        calibrated(views_of(of_a_lens(lens, noise=4.0)), fisheye=False)
    with pytest.raises(CheckFailed, match="focal length of|reprojection|no lens"):
        calibrated(views_of(of_a_lens(lens, noise=0.5, tilt=0.01)), fisheye=False)


def test_the_same_view_counts_once(seen):
    views = Views()
    assert views.add(seen[0], SIZE) and not views.add(seen[0], SIZE)
    with pytest.raises(CatseyeError, match="a picture of 320x240 among ones of 640x480"):
        views.add(seen[1], (320, 240))
