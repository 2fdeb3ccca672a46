"""Probabilities of a classifier, which NumPy and the border both make of its logits."""

import numpy as np

from catseye.export.adoption.probabilities import ClassAnswer
from catseye.runtime.model_file.tensors import TensorSpec


def test_logits_become_probabilities_and_probabilities_stay():
    spec = TensorSpec("y", (1, 3), np.dtype(np.float32))
    scores = {"y": np.array([[1000.0, 1000.0, 0.0]], np.float32)}
    (found,) = ClassAnswer(spec, False).probabilities(scores).values()
    assert found.tolist() == [[0.5, 0.5, 0.0]]
    (kept,) = ClassAnswer(spec, True).probabilities({"y": found}).values()
    assert (kept == found).all()
