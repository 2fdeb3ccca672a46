import cv2
import numpy as np
import pytest

from catseye.runtime.draw import draw_text, enlarged, laid_over, plate_size, sources_of


@pytest.mark.parametrize("ground", (0, 255))
def test_words_are_legible_on_any_ground(ground):
    picture = np.full((60, 300, 3), ground, np.uint8)
    draw_text(picture, "47 ms old", (10, 20), plate=(40, 0, 0))
    width, height = plate_size("47 ms old")
    plate = picture[20 : 20 + height, 10 : 10 + width]
    assert plate.min(2).max() >= 250  # the letters, which OpenCV 4 draws no whiter
    assert (plate[0] == (40, 0, 0)).all() and (plate[-1] == (40, 0, 0)).all()  # their plate
    outside = picture.copy()
    outside[20 : 20 + height, 10 : 10 + width] = ground
    assert (outside == ground).all()


def test_longer_words_and_larger_letters_have_a_larger_plate():
    assert plate_size("long words")[0] > plate_size("long")[0]
    assert plate_size("long", scale=1.0) > plate_size("long")


def test_beyond_the_picture_nothing_is_drawn():
    picture = np.zeros((20, 20, 3), np.uint8)
    draw_text(picture, "words", (5, 40))
    assert not picture.any()


@pytest.mark.parametrize("size_wh", [(64, 36), (192, 108), (65, 37), (1000, 333)])
def test_a_small_layer_is_laid_over_as_its_enlargement_would_be(size_wh):
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (size_wh[1], size_wh[0], 3)).astype(np.uint8)
    layer = rng.integers(0, 256, (36, 64, 3)).astype(np.uint8)
    before = image.copy()
    large = cv2.resize(layer, size_wh, interpolation=cv2.INTER_NEAREST)
    told = cv2.addWeighted(image, 0.7, large, 0.3, 0)
    assert np.array_equal(laid_over(image, layer, 0.3), told) and np.array_equal(image, before)
    columns, rows = sources_of(64, size_wh[0]), sources_of(36, size_wh[1])
    assert np.array_equal(layer[rows][:, columns], enlarged(layer, size_wh))


def test_what_has_the_size_is_not_copied():
    layer = np.zeros((36, 64, 3), np.uint8)
    assert enlarged(layer, (64, 36)) is layer
