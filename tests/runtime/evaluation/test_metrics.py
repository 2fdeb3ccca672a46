"""The confusion matrix against IoU counted by hand, and the PSNR of a known error."""

import numpy as np
import pytest

from catseye.runtime.evaluation.metrics import ConfusionMatrix, psnr
from catseye.runtime.timing import percentiles


def test_iou_by_hand():
    matrix = ConfusionMatrix(3)
    matrix.add(np.array([[0, 0, 1, 1]]), np.array([[0, 1, 1, 1]]))
    assert matrix.iou()[:2] == pytest.approx([1 / 2, 2 / 3])
    assert np.isnan(matrix.iou()[2])
    assert matrix.miou() == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert matrix.report(("a", "b", "c"))["c"] is None


def test_void_is_ignored():
    matrix = ConfusionMatrix(2)
    matrix.add(np.array([[0, 2, 2]]), np.array([[0, 1, 0]]))
    assert matrix.counts.tolist() == [[1, 0], [0, 0]]


def test_two_frames_make_one_matrix():
    """IoU of the sum, not the mean of the frames' IoU."""
    matrix = ConfusionMatrix(2)
    matrix.add(np.zeros((1, 9), int), np.zeros((1, 9), int))
    matrix.add(np.zeros((1, 1), int), np.ones((1, 1), int))
    assert matrix.iou()[0] == pytest.approx(9 / 10)


def test_psnr_of_one_grey_level():
    picture = np.full((8, 8), 100, np.uint8)
    assert psnr(picture, picture + 1) == pytest.approx(20 * np.log10(255))


def test_percentiles():
    assert percentiles([1.0, 2.0, 3.0])["p50"] == 2
    assert percentiles([]) == {"p50": 0, "p95": 0, "p99": 0}
