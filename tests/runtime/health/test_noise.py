import math

import cv2
import numpy as np
import pytest

from catseye.runtime.datasets.bsds import read_photographs
from catseye.runtime.health.noise import noise_of


def noisy(picture, sigma):
    noise = np.random.RandomState(0).normal(0, sigma, picture.shape)
    return np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)


def test_the_formula_pixel_by_pixel():
    grey = noisy(read_photographs("demo", "val")[0].image[200:220, 50:75], 10).astype(int)
    total = count = 0
    for y in range(1, 19):
        for x in range(1, 24):
            answer = 0
            for down, weights in zip((-1, 0, 1), ((1, -2, 1), (-2, 4, -2), (1, -2, 1))):
                for right, weight in zip((-1, 0, 1), weights):
                    answer += weight * grey[y + down, x + right]
            total, count = total + abs(answer), count + (answer != 0)
    assert noise_of(grey.astype(np.uint8)) == pytest.approx(
        math.sqrt(math.pi / 2) / 6 * total / count
    )


@pytest.mark.parametrize("sigma", (5, 15, 40))
def test_noise_on_a_plane_is_found(sigma):
    plane = np.add.outer(np.linspace(100, 130, 200), np.linspace(0, 30, 200))
    assert noise_of(noisy(plane, sigma)) == pytest.approx(sigma, rel=0.05)


def test_texture_adds_to_noise_and_a_planar_picture_has_none():
    photograph = read_photographs("demo", "val")[1].image
    assert noise_of(noisy(photograph, 25)) == pytest.approx(25, rel=0.1)
    assert noise_of(photograph) < 4
    assert noise_of(np.full((50, 50), 7, np.uint8)) == 0


def test_bars_and_burnt_areas_do_not_count():
    plane = noisy(np.full((100, 100), 120.0), 20)
    boxed = cv2.copyMakeBorder(plane, 0, 0, 100, 100, cv2.BORDER_CONSTANT, value=116)
    assert noise_of(boxed) == pytest.approx(noise_of(plane), rel=0.05)


@pytest.mark.parametrize("shape", ((1, 1), (2, 40), (40, 2)))
def test_what_is_smaller_than_the_mask_has_no_noise(shape):
    assert noise_of(np.zeros(shape, np.uint8)) == 0
