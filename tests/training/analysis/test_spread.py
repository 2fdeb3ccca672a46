import statistics

import pytest

from catseye.training.analysis.spread import of_sample, over_seeds

VALUES = [0.1, 0.4, 0.4, 0.7]


def test_both_have_the_mean_and_their_own_deviation():
    own, of_all = over_seeds(VALUES), of_sample(VALUES)
    assert own.mean == of_all.mean == pytest.approx(0.4)
    assert own.std == pytest.approx(statistics.pstdev(VALUES))
    assert of_all.std == pytest.approx(statistics.stdev(VALUES))


def test_one_seed_does_not_spread():
    assert over_seeds([3.0]) == of_sample([3.0]) == (3.0, 0.0)
