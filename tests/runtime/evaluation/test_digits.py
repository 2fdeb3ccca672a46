"""Accuracy through an engine that only looks at one pixel: batching and padding are what is
tested."""

from typing import Dict, List

import numpy as np
import pytest

from catseye.runtime.engines.base import Engine, TensorSpec
from catseye.runtime.evaluation.digits import evaluate_digits, predict

SLOTS = 4


class FirstPixelEngine(Engine):
    """Says that a digit is what its first pixel holds; counts how often it was asked."""

    inputs = (TensorSpec("slots", (SLOTS, 32, 32), np.dtype(np.uint8)),)
    outputs = (TensorSpec("probabilities", (SLOTS, 10), np.dtype(np.float32)),)

    def __init__(self) -> None:
        self.batches: List[np.ndarray] = []

    def _run(self, arrays: Dict[str, np.ndarray]) -> Dict[str, np.ndarray]:
        self.batches.append(arrays["slots"])
        return {"probabilities": np.eye(10, dtype=np.float32)[arrays["slots"][:, 0, 0]]}


def digits_that_say(labels: np.ndarray) -> np.ndarray:
    images = np.zeros((len(labels), 32, 32), np.uint8)
    images[:, 0, 0] = labels
    return images


@pytest.mark.parametrize("number", [1, 4, 6, 9])
def test_every_digit_is_asked_once_and_in_order(number: int):
    labels = np.arange(number) % 10
    engine = FirstPixelEngine()
    assert np.array_equal(predict(engine, digits_that_say(labels)).argmax(1), labels)
    assert len(engine.batches) == -(-number // SLOTS)
    assert not engine.batches[-1][(number - 1) % SLOTS + 1 :].any()


def test_accuracy_is_the_share_of_right_answers():
    said = np.array([1, 2, 3, 4, 5])
    truth = np.array([1, 2, 3, 0, 0], np.uint8)
    assert evaluate_digits(FirstPixelEngine(), digits_that_say(said), truth) == {
        "accuracy": 0.6,
        "n": 5,
    }
