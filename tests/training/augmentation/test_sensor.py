"""Blur of movement keeps the brightness; compression keeps the picture."""

import numpy as np

from catseye.training.augmentation.sensor import compressed, moved


def test_movement_blurs_and_keeps_the_light(street):
    for seed in range(10):
        picture = moved(street.image, np.random.default_rng(seed))
        assert picture.shape == street.image.shape
        assert abs(picture.mean() - street.image.mean()) < 2


def test_a_point_becomes_a_line():
    point = np.zeros((31, 31, 3), np.uint8)
    point[15, 15] = 255
    lit = moved(point, np.random.default_rng(1))[..., 0] > 0
    assert lit.sum() > 2 and np.ptp(np.nonzero(lit)[1]) >= np.ptp(np.nonzero(lit)[0])


def test_compression_spoils_a_little(street):
    picture = compressed(street.image, np.random.default_rng(0))
    difference = np.abs(picture.astype(int) - street.image)
    assert 0 < difference.mean() < 12
