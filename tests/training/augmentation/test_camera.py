"""The geometry of other cameras."""

import numpy as np

from catseye.runtime.classes import VOID
from catseye.training.augmentation.camera import other_camera, seen_by


def test_the_frame_as_it_is(street):
    shot = seen_by(street, np.eye(3), (160, 120))
    assert np.array_equal(shot.image, street.image) and np.array_equal(shot.mask, street.mask)


def test_a_shift_leaves_void(street):
    matrix = np.eye(3)
    matrix[0, 2] = 10
    shot = seen_by(street, matrix, (160, 120))
    assert (shot.mask[:, :10] == VOID).all()
    assert np.array_equal(shot.mask[:, 10:], street.mask[:, :-10])


def test_half_the_zoom_is_half_the_size():
    far, near = (
        other_camera((160, 120), (160, 120), np.random.default_rng(4), 0.5, zoom)
        for zoom in (0.5, 1.0)
    )
    assert np.allclose(2 * far[:2, :2], near[:2, :2])


def test_the_crop_lies_around_its_focus():
    for seed in range(10):
        rng = np.random.default_rng(seed)
        matrix = other_camera((640, 480), (64, 64), rng, 0.5, 1.0, focus=(200, 300))
        assert np.allclose((matrix @ (200, 300, 1))[:2], 32)
        at_edge = other_camera((640, 480), (64, 64), rng, 1.0, 1.0, focus=(0, 0))
        assert np.abs((at_edge @ (0, 0, 1))[:2] - 32).max() < 100  # as near as the frame reaches


def test_a_wide_lens_draws_the_corners_inwards(street):
    plain, wide = (seen_by(street, np.eye(3), (160, 120), barrel) for barrel in (0.0, 0.5))
    assert np.array_equal(plain.image, street.image)
    assert (wide.mask[0, :20] == VOID).all() and (wide.mask[55:65, 75:85] != VOID).all()
    assert np.array_equal(wide.image[60, 80], street.image[60, 80])
