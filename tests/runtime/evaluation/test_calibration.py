"""Calibration: a model that is as often right as it says has no error; partial labels decide what
they can."""

import numpy as np
import pytest

from catseye.runtime.classes import VOID
from catseye.runtime.datasets.partial import PartialLabel
from catseye.runtime.evaluation.calibration import BINS, Calibration

NAMES = ("Road", "Kerb", "Sky")


def answers(sure: float, right: float, pixels: int = 1000):
    """Truth, answers and confidences of pixels of class 0, so often right."""
    truth = np.zeros((1, pixels), np.uint8)
    answer = np.zeros((1, pixels), np.uint8)
    truth[:, round(right * pixels) :] = 1
    return truth, answer, np.full((1, pixels), round(255 * sure), np.uint8)


@pytest.mark.parametrize("sure, right, error", [(0.8, 0.8, 0), (1, 1, 0), (0.9, 0.6, 0.3)])
def test_the_error_is_how_far_confidence_is_from_truth(sure, right, error):
    calibration = Calibration(NAMES)
    calibration.add(*answers(sure, right))
    assert calibration.ece() == pytest.approx(error, abs=0.002)


def test_bins_are_weighted_by_their_pixels():
    calibration = Calibration(NAMES)
    calibration.add(*answers(0.9, 0.6, 1000))
    calibration.add(*answers(0.5, 0.5, 3000))
    assert calibration.ece() == pytest.approx(0.3 / 4, abs=0.002)
    filled = [one for one in calibration.bins() if one.pixels]
    assert [one.pixels for one in filled] == [3000, 1000] and len(calibration.bins()) == BINS
    assert [one.right for one in filled] == [0.5, 0.6]


def test_what_labels_do_not_decide_is_left_out():
    """None of Road: a pixel called Road is wrong, one called Kerb undecided. No pixel is labelled
    Sky, so that nobody could be right there."""
    calibration = Calibration(NAMES, [PartialLabel((0,), excluded=True)])
    truth = np.array([[0, 0, 3, 3, VOID, 0, 3]], np.uint8)
    answer = np.array([[0, 0, 0, 1, 0, 2, 2]], np.uint8)
    calibration.add(truth, answer, np.full(truth.shape, 255, np.uint8))
    assert calibration.counts[:, 0].sum(1).tolist() == [1, 2]  # wrong, right
    assert calibration.counts[:, 1].sum() == 0
    assert calibration.ece() == pytest.approx(1 / 3)
    found = calibration.as_json()["by_class"]
    assert found["Road"] == pytest.approx(1 / 3) and found["Kerb"] is found["Sky"] is None


def test_nothing_decided_is_no_number():
    answer = Calibration(NAMES).as_json()
    assert answer["ece"] is None and len(answer["bins"]) == BINS
