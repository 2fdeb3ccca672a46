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
