"""The metrics that training, `eval` and the board share. NumPy only; knows ids and numbers, never
files or networks."""

from typing import Dict, Optional, Sequence

import numpy as np


class ConfusionMatrix:
    """Class confusion summed over a whole split; void pixels of the truth are ignored.

    IoU_c = TP_c / (TP_c + FP_c + FN_c), Jaccard's index; mIoU is its mean over the classes that
    occur.
    """

    def __init__(self, classes: int) -> None:
        self.counts = np.zeros((classes, classes), np.int64)  # (truth, prediction)

    def add(self, truth: np.ndarray, prediction: np.ndarray) -> None:
        """Both (H, W) integer class ids of one size; a pixel where either is outside 0..classes-1
        is void."""
        classes = len(self.counts)
        known = (truth < classes) & (prediction < classes)
        pairs = truth[known].astype(np.int64) * classes + prediction[known]
        self.counts += np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)

    def iou(self) -> np.ndarray:
        """(classes,) float64 in 0..1; NaN for a class that neither truth nor prediction holds."""
        hit = np.diag(self.counts).astype(np.float64)
        union = self.counts.sum(0) + self.counts.sum(1) - hit
        return np.where(union > 0, hit / np.maximum(union, 1), np.nan)

    def miou(self) -> float:
        """Mean IoU over the classes that occur, 0..1."""
        return float(np.nanmean(self.iou()))

    def report(self, names: Sequence[str]) -> Dict[str, Optional[float]]:
        """IoU by class name; None for a class that does not occur, so that it is valid JSON."""
        return {
            name: None if np.isnan(value) else float(value)
            for name, value in zip(names, self.iou())
        }


def psnr(truth: np.ndarray, estimate: np.ndarray, peak: float = 255.0) -> float:
    """Peak signal-to-noise ratio in dB between two pictures of one shape, values 0..peak."""
    error = np.mean((truth.astype(np.float64) - estimate.astype(np.float64)) ** 2)
    return float(10 * np.log10(peak**2 / np.maximum(error, 1e-12)))


def roc_auc(negatives: Sequence[float], positives: Sequence[float]) -> float:
    """Area under the ROC curve, 0-1: the chance that a positive scores higher than a negative, ties
    counting half.

    Mann and Whitney's U over the number of pairs (Hanley & McNeil 1982).
    """
    low, high = np.asarray(negatives)[:, None], np.asarray(positives)[None]
    return float((low < high).mean() + 0.5 * (low == high).mean())


def true_rate_at(
    false_rate: float, negatives: Sequence[float], positives: Sequence[float]
) -> float:
    """Share of positives above the score that at most `false_rate` of the negatives exceed, 0-1."""
    ranked = np.sort(negatives)[::-1]
    return float((np.asarray(positives) > ranked[int(false_rate * len(ranked))]).mean())
