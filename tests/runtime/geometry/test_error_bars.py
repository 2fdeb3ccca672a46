"""Error bars against cameras that really are off."""

import math

import numpy as np
import pytest

from catseye.runtime.geometry.error_bars import MOST, WIDE, error_bars


def test_they_cover_pitch_and_height_that_are_off():
    """Of 4,000 cameras, each off by what its standard deviations say, 95 in 100 bars hold the
    truth."""
    rng, height, sigma = np.random.default_rng(3), 1.4, math.radians(0.5)
    bars = error_bars(height, sigma, 0.04, 0.0)
    for truth in (4.0, 10.0, 18.0):
        real = height + rng.normal(0, 0.04, 4000)
        seen = np.arctan2(real, truth) + rng.normal(0, sigma, 4000)
        told = height / np.tan(seen)
        low, high = bars.ends(told)
        covered = (low <= truth) & (truth <= high)
        assert 0.94 < covered.mean() < 0.99


def test_nothing_is_told_beyond_half_of_the_distance():
    bars = error_bars(1.4, math.radians(0.5), 0.0, 0.0)
    reach = bars.reach_m()
    assert bars.ends(np.array(reach))[1] == pytest.approx(reach * (1 + MOST), rel=0.01)
    assert 20 < reach < 30
    assert error_bars(1.4, 0.0, 0.0, 1e-4).reach_m() > 2 * reach
    assert np.isinf(bars.ends(np.array(1.4 / math.tan(math.radians(0.5) * WIDE) + 1))[1])
