"""Free distances along drawn lines."""

import numpy as np

from catseye.runtime.geometry.free_space import free_distances

DISTANCES = np.array([2.0, 3.0, 4.0, 5.0, 6.0])


def of(free, seen="11111"):
    line, shown = (np.array([[letter == "1" for letter in text]]) for text in (free, seen))
    found = free_distances(line, shown, DISTANCES)
    return float(found.m[0]), bool(found.beyond[0])


def test_the_first_obstacle_ends_it():
    assert of("11100") == (4.5, False)
    assert of("11111") == (6.0, True)


def test_one_sample_is_a_speck():
    assert of("10111") == (6.0, True) and of("01111") == (6.0, True)


def test_what_begins_blocked_is_not_free():
    assert of("00111") == (0.0, False)
    assert of("00111", "01111") == (6.0, True)  # the first is not seen, the next is a speck
    assert of("00011", "01111") == (0.0, False)


def test_it_ends_where_the_picture_ends():
    assert of("11000", "11100") == (4.0, True) and of("11000", "00000") == (0.0, True)
