"""What the autoencoder adds to camera health: good frames against faults, and against pictures of
something else.

Two detectors and their maximum, each one number per frame: the highest score of the cheap
statistics (runtime/health/frame_quality.py) and the autoencoder's
(runtime/health/out_of_distribution.py). Knows scores and curves, not how either is made.
"""

from typing import Callable, Dict, List, NamedTuple

import cv2
import numpy as np

from catseye.runtime.evaluation.frame_quality import FALSE_ALARMS, FAULTS, SEED, STRENGTHS, Fault
from catseye.runtime.evaluation.metrics import roc_auc, true_rate_at
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.health.frame_quality import FrameQualityCheck

DETECTORS = ("statistics", "monitor", "both")
PHOTOGRAPHS = "photographs"
BORDER = 0.5  # of every score

Score = Callable[[Frame], float]
# by kind, strength and detector: auc, detected, called
ReportOnScores = Dict[str, Dict[str, Dict[str, Dict[str, float]]]]


def turned(image: np.ndarray, strength: int, rng: np.random.RandomState) -> np.ndarray:
    """A camera that hangs crooked, on its side, or upside down."""
    if strength:
        return np.ascontiguousarray(np.rot90(image, strength))
    height, width = image.shape[:2]
    tilt = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(15, 25), 1.0)
    return cv2.warpAffine(image, tilt, (width, height), borderMode=cv2.BORDER_REFLECT)


TROUBLE: Dict[str, Fault] = dict(FAULTS, turned=turned)  # the last has no word among the statistics


class Scores(NamedTuple):
    """(N,) float each: of N frames by the statistics and by the autoencoder."""

    statistics: np.ndarray
    monitor: np.ndarray

    @property
    def both(self) -> np.ndarray:
        return np.maximum(self.statistics, self.monitor)


def scores_of(images: List[np.ndarray], out_of_distribution: Score) -> Scores:
    """images: (H, W, 3) uint8 BGR, no two alike."""
    statistics = FrameQualityCheck()
    frames = [Frame(image, index, now_ns()) for index, image in enumerate(images)]
    return Scores(
        np.array([statistics.check(image).score for image in images]),
        np.array([out_of_distribution(frame) for frame in frames]),
    )


def scores_by_trouble(
    frames: List[np.ndarray], photographs: List[np.ndarray], out_of_distribution: Score
) -> Dict[str, Dict[str, Scores]]:
    """{"good": {"": ...}, kind: {slight: ..., mild: ..., strong: ...}, ..., "photographs": {"":
    ...}}."""
    answer = {"good": {"": scores_of(frames, out_of_distribution)}}
    for kind, spoil in TROUBLE.items():
        answer[kind] = {}
        for strength, name in enumerate(STRENGTHS):
            rng = np.random.RandomState(SEED + strength)
            spoilt = [spoil(frame, strength, rng) for frame in frames]
            answer[kind][name] = scores_of(spoilt, out_of_distribution)
    answer[PHOTOGRAPHS] = {"": scores_of(photographs, out_of_distribution)}
    return answer


def report_on_scores(
    scores: Dict[str, Dict[str, Scores]],
) -> ReportOnScores:
    """{kind: {strength: {detector: {auc, detected, called}}}}, all rates 0-1.

    auc: area under the ROC curve against the good frames.  detected: share above the score that 1 %
    of the good frames exceed.  called: share above the border that is set in the code and in the
    card; for "good" these are false alarms.
    """
    good = scores["good"][""]
    return {
        kind: {
            name: {each: _rates(getattr(good, each), getattr(some, each)) for each in DETECTORS}
            for name, some in strengths.items()
        }
        for kind, strengths in scores.items()
    }


def _rates(good: np.ndarray, bad: np.ndarray) -> Dict[str, float]:
    negatives, positives = good.tolist(), bad.tolist()
    return {
        "auc": roc_auc(negatives, positives),
        "detected": true_rate_at(FALSE_ALARMS, negatives, positives),
        "called": float((bad > BORDER).mean()),
    }
