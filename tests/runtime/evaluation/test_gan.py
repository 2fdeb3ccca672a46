"""Legibility, of a generator that draws real digits, one that repeats itself and one that makes
noise."""

from typing import Dict

import cv2
import numpy as np
import pytest

from catseye.runtime.datasets.mnist import read_digits
from catseye.runtime.engines.base import Engine, TensorSpec
from catseye.runtime.evaluation import gan as gan_evaluation
from catseye.runtime.evaluation.gan import draw_samples, evaluate_gan_data

CARD = {"task": "gan"}


class FakeGenerator(Engine):
    """Answers with pictures chosen by the first bytes of the noise."""

    inputs = (TensorSpec("noise", (4, 3), np.dtype(np.uint8)),)
    outputs = (TensorSpec("pictures", (4, 32, 32), np.dtype(np.uint8)),)

    def __init__(self, pictures: np.ndarray) -> None:
        self.pictures = pictures

    def _run(self, arrays: Dict[str, np.ndarray]) -> Dict[str, np.ndarray]:
        return {"pictures": self.pictures[arrays["noise"][:, 0].astype(int) % len(self.pictures)]}


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(gan_evaluation, "SAMPLES", 200)


def test_real_digits_are_as_legible_as_the_datas(tmp_path):
    digits = read_digits("demo", "val").images
    answer = evaluate_gan_data(FakeGenerator(digits[:256]), CARD, "demo", "val", str(tmp_path))
    assert abs(answer["legible"] - answer["legible_data"]) < 0.1
    assert answer["classes"] > 9 and answer["classes_data"] > 9.5 and answer["n"] == 200
    assert cv2.imread(str(tmp_path / "samples.png")).shape == (256, 256, 3)


def test_one_digit_again_and_again_is_one_class():
    digit = read_digits("demo", "val").images[:1]
    assert evaluate_gan_data(FakeGenerator(digit), CARD, "demo", "val")["classes"] == pytest.approx(
        1
    )


def test_noise_is_less_legible():
    pictures = np.random.RandomState(0).randint(0, 256, (256, 32, 32)).astype(np.uint8)
    answer = evaluate_gan_data(FakeGenerator(pictures), CARD, "demo", "val")
    assert answer["legible"] < answer["legible_data"] - 0.3


def test_samples_are_the_same_every_time():
    pictures = np.arange(256, dtype=np.uint8)[:, None, None].repeat(32, 1).repeat(32, 2)
    first, again = (draw_samples(FakeGenerator(pictures), 10) for _ in range(2))
    assert len(first) == 12 and np.array_equal(first, again) and len(np.unique(first)) > 4
