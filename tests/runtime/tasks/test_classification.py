"""Labels with their probabilities, and cards that do not fit."""

import numpy as np
import pytest

from catseye.runtime.evaluation.result_comparison import agreement
from catseye.runtime.tasks.classification import Classification


def test_the_likeliest_come_first():
    result = Classification(np.array([0.1, 0.6, 0.3], np.float32), ("cat", "dog", "cow"))
    document = result.as_json()
    assert (document["label"], document["id"], document["probability"]) == ("dog", 1, 0.6)
    assert [each["label"] for each in document["top"]] == ["dog", "cow", "cat"]
    assert abs(result.uncertainty(None) - 0.4) < 1e-6


def test_a_recording_keeps_what_was_found():
    result = Classification(np.array([0.1, 0.9], np.float32), ("cat", "dog"))
    again = Classification.from_arrays(result.arrays())
    assert again.label == 1 and again.as_json()["label"] == "1"  # names are the card's
    assert agreement(Classification, result.arrays(), again.arrays()) == 1.0
    with pytest.raises(ValueError):
        Classification.from_arrays({"label": np.zeros(1), "probabilities": np.zeros((1, 2))})
