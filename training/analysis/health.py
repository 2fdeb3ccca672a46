"""The figure of `catseye analyze health`: ROC curves of the cheap statistics, of the monitor, and
of both."""

import numpy as np

from catseye.runtime.evaluation.metrics import roc_auc
from catseye.runtime.evaluation.out_of_distribution import DETECTORS, PHOTOGRAPHS, Scores
from catseye.training.analysis.figure import figure

SHOWN = "slight"  # of the faults: the strength at which the detectors differ


def draw_curves(path: str, scores: dict[str, dict[str, Scores]]) -> None:
    """One panel for each detector, one curve for each kind of trouble, its area in the legend."""
    good = scores["good"][""]
    bad = {f"{kind}, {SHOWN}": by[SHOWN] for kind, by in scores.items() if SHOWN in by}
    bad[PHOTOGRAPHS] = scores[PHOTOGRAPHS][""]
    with figure(path, columns=len(DETECTORS), height=3.6) as axes:
        for axis, detector in zip(axes, DETECTORS):
            for name, some in bad.items():
                negatives, positives = getattr(good, detector), getattr(some, detector)
                area = roc_auc(negatives.tolist(), positives.tolist())
                axis.plot(*curve(negatives, positives), label=f"{name}: {area:.2f}")
            axis.set(
                title=detector, xlabel="good frames called bad", ylabel="bad frames called bad"
            )
            axis.legend(
                fontsize=7, loc="lower right", title="area under the curve", title_fontsize=7
            )


def curve(negatives: np.ndarray, positives: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The ROC curve: false and true rates, from 0 to 1, for every border between two scores."""
    borders = np.concatenate(([np.inf], np.unique(np.concatenate((negatives, positives)))[::-1]))[
        :, None
    ]
    return (negatives >= borders).mean(1), (positives >= borders).mean(1)
