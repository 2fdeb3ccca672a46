"""Night: dark above, lit ahead, and a function of its generator."""

import numpy as np

from catseye.training.augmentation.night import at_night, is_daylight


def nights(street, number=20):
    sky = street.mask == 0
    return [at_night(street.image, sky, np.random.default_rng(seed)) for seed in range(number)]


def test_it_gets_dark_and_the_sky_darkest(street):
    frames = np.stack(nights(street)).astype(float)
    assert frames.dtype == float and frames.mean() < 0.5 * street.image.mean()
    day_ratio = street.image[:40].mean() / street.image[70:].mean()
    assert frames[:, :40].mean() / frames[:, 70:].mean() < 0.5 * day_ratio


def test_the_same_generator_gives_the_same_night(street):
    assert np.array_equal(nights(street, 1)[0], nights(street, 1)[0])
    assert not np.array_equal(*nights(street, 2))


def test_what_is_dark_is_no_daylight(street):
    assert is_daylight(street.image)
    assert not is_daylight(street.image // 4)
