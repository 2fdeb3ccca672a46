"""Whatever a network answers, by name."""

import json

import numpy as np

from catseye.runtime.evaluation.result_comparison import agreement
from catseye.runtime.tasks.named_tensors import NamedTensors


def test_ranges_are_json_and_two_results_compare_over_all():
    first = NamedTensors({"a": np.array([1.0, np.nan]), "b": np.arange(6).reshape(2, 3)})
    document = json.loads(json.dumps(first.as_json(), allow_nan=False))
    assert document["tensors"]["a"]["max"] is None
    assert document["tensors"]["b"] == {
        "shape": [2, 3],
        "dtype": "int64",
        "min": 0.0,
        "max": 5.0,
        "mean": 2.5,
    }
    other = {"a": np.array([1.0, 2.0]), "b": np.arange(6).reshape(2, 3)}
    assert agreement(NamedTensors, NamedTensors(other).arrays(), first.arrays()) == 7 / 8
    picture = np.zeros((60, 80, 3), np.uint8)
    assert first.drawn_on(picture).any() and not picture.any()
