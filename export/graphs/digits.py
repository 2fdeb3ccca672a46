"""The digits graph that starts at slots of camera bytes and ends at class probabilities.

Only layers that ONNX opset 11 and every TensorRT since 8.2 have. Knows LeNet's input; how digits
get into the slots is the runtime's business.
"""

from collections.abc import Iterator
from typing import cast

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from catseye.export.graphs.base import GOLDEN_CASES, CardPart, Graph
from catseye.models.lenet import LeNet
from catseye.runtime.datasets import data_set_name
from catseye.runtime.datasets.mnist import read_digits
from catseye.runtime.model_file.card import Card
from catseye.runtime.model_file.tensors import Arrays
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks.digits import DigitsSettings

SLOTS = 16


class DigitsFrame(Graph):
    """(N, 32, 32) uint8 slots, a light digit on dark ground in each -> (N, 10) float32
    probabilities."""

    input_names = ("slots",)
    output_names = ("probabilities",)

    def __init__(self, network: LeNet, slots: int = SLOTS) -> None:
        super().__init__()
        self.network, self.slots = network, slots

    def forward(self, slots: Tensor) -> Tensor:
        x = slots.float().reshape(self.slots, 1, 32, 32) / 255
        return self.network(x).softmax(1)

    def example_inputs(self) -> tuple[Tensor, ...]:
        return (torch.zeros(self.slots, 32, 32, dtype=torch.uint8),)

    @classmethod
    def of(
        cls, network: nn.Module, size_wh: tuple[int, int] | None, metrics: JsonObject
    ) -> "DigitsFrame":
        return cls(cast(LeNet, network))

    def card_part(self, data: JsonObject) -> CardPart:
        return CardPart(DigitsSettings(self.slots), tuple("0123456789"))

    def golden_inputs(self) -> list[np.ndarray]:
        return [_drawn_digits(self.slots, seed) for seed in range(GOLDEN_CASES)]

    @classmethod
    def data_set_name(cls, folder: str) -> str:
        return data_set_name(folder, "mnist")

    @classmethod
    def calibration_inputs(cls, folder: str, card: Card) -> Iterator[Arrays]:
        """Batches of as many digits as the model has slots, every one filled. Raises CatseyeError
        where there are none."""
        spec, images = card.inputs[0], read_digits(folder, "train").images
        slots = spec.shape[0]
        for start in range(0, len(images) - slots + 1, slots):
            yield {spec.name: images[start : start + slots]}


def _drawn_digits(number: int, seed: int) -> np.ndarray:
    """(number, 32, 32) uint8."""
    rng = np.random.RandomState(seed)
    slots = np.zeros((number, 32, 32), np.uint8)
    for label, slot in enumerate(slots):
        x, y, scale = rng.randint(4, 10), rng.randint(22, 27), rng.uniform(0.6, 0.9)
        ink = int(rng.randint(180, 256))
        cv2.putText(slot, str(label % 10), (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, ink, 2)
    return slots
