import numpy as np
import pytest

from catseye.runtime.evaluation.metrics import roc_auc
from catseye.runtime.evaluation.out_of_distribution import DETECTORS, PHOTOGRAPHS, Scores
from catseye.training.analysis.health import SHOWN, curve, draw_curves


def test_the_curve_goes_from_nothing_to_everything():
    negatives, positives = np.array([0.1, 0.2, 0.3]), np.array([0.25, 0.9])
    false_rates, true_rates = curve(negatives, positives)
    assert (false_rates[0], true_rates[0]) == (0, 0) and (false_rates[-1], true_rates[-1]) == (1, 1)
    assert (np.diff(false_rates) >= 0).all() and (np.diff(true_rates) >= 0).all()
    # at the border 0.25 one of three good frames and both bad ones are called bad
    assert (1 / 3, 1.0) in zip(false_rates.tolist(), true_rates.tolist())


def test_its_area_is_the_auc_even_where_scores_are_equal():
    random = np.random.default_rng(0)
    negatives, positives = (random.integers(0, 5, 40) + shift for shift in (0, 1))
    area = np.trapezoid(*reversed(curve(negatives, positives)))
    assert area == pytest.approx(roc_auc(negatives.tolist(), positives.tolist()))


def test_a_panel_for_each_detector(tmp_path):
    random = np.random.default_rng(0)

    def some(shift):
        return Scores(*(random.random(9) + shift for _ in Scores._fields))

    scores = {"good": {"": some(0)}, "dark": {SHOWN: some(1)}, PHOTOGRAPHS: {"": some(2)}}
    draw_curves(str(tmp_path / "curves.png"), scores)
    assert (tmp_path / "curves.png").stat().st_size > 1000 and len(DETECTORS) == 3
