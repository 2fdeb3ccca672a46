"""Other light changes tones, never the size."""

import numpy as np

from catseye.training.augmentation.light import other_light


def test_bytes_stay_bytes(street):
    pictures = [other_light(street.image, np.random.default_rng(seed)) for seed in range(20)]
    assert all(p.shape == street.image.shape and p.dtype == np.uint8 for p in pictures)
    assert len({p.tobytes() for p in pictures}) > 15
