"""A bonnet hides the lower edge, and what is known of it is that it is no road."""

import numpy as np

from catseye.training.augmentation.bonnet import with_bonnet


def test_it_lies_at_the_lower_edge(street, scene):
    for seed in range(10):
        answers = np.full((60, 80, 4), 60, np.uint8)
        shot = with_bonnet(
            street._replace(answers=answers),
            scene.not_road,
            np.ones((120, 160), bool),
            np.random.default_rng(seed),
        )
        hidden = shot.mask == scene.not_road
        assert 0.005 < hidden.mean() < 0.25 and not hidden[:80].any()
        assert np.array_equal(shot.image[~hidden], street.image[~hidden])
        assert np.array_equal(shot.mask[~hidden], street.mask[~hidden])
        assert not shot.answers[hidden[::2, ::2]].any()
        assert (shot.answers[~hidden[::2, ::2]] == 60).all()


def test_there_is_none_outside_the_frame(street, scene):
    frame = np.zeros((120, 160), bool)
    shot = with_bonnet(street, scene.not_road, frame, np.random.default_rng(0))
    assert np.array_equal(shot.mask, street.mask)
