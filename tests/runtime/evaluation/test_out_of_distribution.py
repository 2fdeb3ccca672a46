import json

import numpy as np

from catseye.runtime.datasets.road import road_samples
from catseye.runtime.evaluation.out_of_distribution import (
    DETECTORS,
    PHOTOGRAPHS,
    STRENGTHS,
    TROUBLE,
    report_on_scores,
    scores_by_trouble,
)


def brightness(frame):
    """A monitor that finds dark frames unfamiliar."""
    return float(1 - frame.image.mean() / 255)


def test_detectors_are_measured_on_the_same_frames():
    frames = [sample.read()[0] for sample in road_samples("demo", "val")[::7]]
    black = [np.zeros((80, 90, 3), np.uint8)] * 2
    scores = scores_by_trouble(frames, black, brightness)
    report = report_on_scores(scores)
    assert set(report) == {"good", PHOTOGRAPHS} | set(TROUBLE) and list(report["noisy"]) == list(
        STRENGTHS
    )
    json.dumps(report)
    dark, photographs = report["dark"]["strong"], report[PHOTOGRAPHS][""]
    assert set(dark) == set(DETECTORS)
    # by hand: darker is less familiar
    assert dark["monitor"] == {"auc": 1.0, "detected": 1.0, "called": 1.0}
    assert photographs["monitor"]["auc"] == 1.0 and scores[PHOTOGRAPHS][""].monitor.tolist() == [
        1.0,
        1.0,
    ]
    assert report["over_exposed"]["strong"]["monitor"]["auc"] == 0.0
    assert report["over_exposed"]["strong"]["statistics"]["auc"] == 1.0
    good = scores["good"][""]
    assert (good.both == np.maximum(good.statistics, good.monitor)).all()
    assert report["good"][""]["statistics"]["called"] == np.mean(good.statistics > 0.5)


def test_a_turned_frame_is_the_frame_turned():
    frame = np.random.RandomState(0).randint(0, 255, (30, 40, 3)).astype(np.uint8)
    rng = np.random.RandomState(0)
    assert (TROUBLE["turned"](frame, 2, rng) == frame[::-1, ::-1]).all()
    assert TROUBLE["turned"](frame, 1, rng).shape == (40, 30, 3)
    assert TROUBLE["turned"](frame, 0, rng).shape == frame.shape
