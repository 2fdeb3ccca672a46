"""Lights of known delay in pictures of known times, without a clock."""

import cv2
import numpy as np
import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.latency.blink import were_lit
from catseye.runtime.latency.finding import Frames

SIZE_WH = (160, 90)


def filmed(delay_s, fps=30.0, seconds=8.0, radius=9, lit=150.0, drift=8.0, exposure_s=0.01, seed=0):
    """Frames whose times are off by `delay_s`, of a light in a room with noise, a slow drift, and
    something that moves."""
    random, frames = np.random.RandomState(seed), Frames()
    for index in range(int(fps * seconds)):
        at_s = 1000.0 + index / fps + random.uniform(0, 0.2 / fps)
        grey = np.full(SIZE_WH[::-1], 60 + drift * np.sin(at_s), np.float32)
        grey[:, int(20 + 15 * np.sin(3 * at_s)) : int(40 + 15 * np.sin(3 * at_s))] += 50
        share = were_lit(at_s - np.linspace(0, exposure_s, 8)).mean()
        cv2.circle(grey, (110, 40), radius, 60 + lit * float(share), -1)
        grey += random.normal(0, 4, grey.shape)
        image = cv2.cvtColor(np.clip(grey, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR)
        frames.add(image, at_s + delay_s)
    return frames


@pytest.mark.parametrize(
    "delay_s, fps",
    ((0.0, 30.0), (0.123, 30.0), (-0.05, 30.0), (2.5, 30.0), (5.5, 15.0), (0.3, 100.0)),
)
def test_the_delay_is_known_within_a_frame(delay_s, fps):
    found = filmed(delay_s, fps).find()
    assert abs(found.delay_s - delay_s - 0.005) <= 1 / fps  # half the exposure is on top
    assert found.correlation > 0.8
    x, y, width, height = found.box
    assert abs(x + width / 2 - 110) < 12 and abs(y + height / 2 - 40) < 12


def test_the_middle_of_delays_at_random_is_better_than_a_third_of_a_frame():
    random = np.random.RandomState(5)
    off_s = [
        filmed(delay_s, seed=number).find().delay_s - delay_s - 0.005
        for number, delay_s in enumerate(random.uniform(0, 1, 6))
    ]
    assert np.median(np.abs(off_s)) < 1 / 30 / 3


def test_a_dim_and_small_light_and_an_exposure_that_follows():
    assert abs(filmed(0.2, lit=40.0, radius=3).find().delay_s - 0.205) <= 1 / 30
    assert abs(filmed(0.2, drift=60.0).find().delay_s - 0.205) <= 1 / 30
    assert abs(filmed(0.2, exposure_s=0.03).find().delay_s - 0.215) <= 1 / 30


@pytest.mark.parametrize("seed", range(3))
def test_what_is_no_light_is_not_taken_for_one(seed):
    with pytest.raises(CatseyeError, match="no blinking light in 240 frames"):
        filmed(0.2, lit=0.0, seed=seed).find()


def test_black_pictures_and_too_few_are_one_line():
    frames = Frames()
    for index in range(100):
        frames.add(np.zeros((90, 160, 3), np.uint8), index / 30)
    with pytest.raises(CatseyeError, match="no blinking light"):
        frames.find()
    with pytest.raises(CatseyeError, match="45 frames; expected 60"):
        filmed(0.1, seconds=1.5).find()
