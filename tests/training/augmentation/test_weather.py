"""A wet road is darker and mirrors what stands beyond it; the rest stays, but for the rain."""

import numpy as np

from catseye.training.augmentation.weather import wet


def test_only_the_road_gets_wet(street):
    dry = [seed for seed in range(20) if (wet_one(street, seed)[:70] == street.image[:70]).all()]
    assert 4 < len(dry) < 16  # the others are rained on
    picture = wet_one(street, dry[0])
    assert not np.array_equal(picture[70:], street.image[70:])
    # just below the houses their red is in it
    blue, _, red = picture[72, 80].astype(int)
    assert red > blue


def wet_one(street, seed):
    return wet(street.image, street.mask == 3, np.random.default_rng(seed))


def test_without_a_road_there_is_nothing_to_mirror(street):
    picture = wet(street.image, np.zeros((120, 160), bool), np.random.default_rng(0))
    assert picture.shape == street.image.shape
