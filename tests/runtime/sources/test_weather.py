import cv2
import numpy as np
import pytest

from catseye.runtime.sources.weather import Weather

STREET = np.random.RandomState(0).randint(60, 180, (72, 128, 3)).astype(np.uint8)


def test_no_weather_is_no_change():
    assert Weather().over(STREET, 1) is STREET


@pytest.mark.parametrize("kind", Weather._fields)
def test_weather_leaves_its_input_and_repeats_itself(kind):
    before = STREET.copy()
    weather = Weather(**{kind: 0.7})
    picture = weather.over(STREET, 5)
    assert (
        picture.shape == STREET.shape
        and picture.dtype == np.uint8
        and not np.array_equal(picture, STREET)
    )
    assert np.array_equal(STREET, before) and np.array_equal(weather.over(STREET, 5), picture)


@pytest.mark.parametrize("kind", Weather._fields)
def test_more_of_it_changes_more(kind):
    changes = [
        cv2.absdiff(Weather(**{kind: strength}).over(STREET, 5), STREET).mean()
        for strength in (0.4, 0.7, 1.0)
    ]
    assert changes == sorted(changes) and changes[0] > 0


def test_each_does_what_its_name_says():
    assert Weather(night=1.0).over(STREET, 1).mean() < 0.5 * STREET.mean()
    assert Weather(glare=1.0).over(STREET, 1).mean() > STREET.mean() + 30
    assert Weather(blur=1.0).over(STREET, 1).std() < 0.5 * STREET.std()
    # drops fall on
    assert not np.array_equal(Weather(rain=1.0).over(STREET, 1), Weather(rain=1.0).over(STREET, 2))
