import numpy as np
import pytest

from catseye.runtime.draw import draw_text, plate_size


@pytest.mark.parametrize("ground", (0, 255))
def test_words_are_legible_on_any_ground(ground):
    picture = np.full((60, 300, 3), ground, np.uint8)
    draw_text(picture, "47 ms old", (10, 20), plate=(40, 0, 0))
    width, height = plate_size("47 ms old")
    plate = picture[20 : 20 + height, 10 : 10 + width]
    assert (plate.reshape(-1, 3) == (255, 255, 255)).all(1).any()  # the letters
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
