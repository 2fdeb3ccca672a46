"""The digits graph that starts at slots of camera bytes and ends at class probabilities.

Only layers that ONNX opset 11 and every TensorRT since 8.2 have. Knows LeNet's input; how digits
get into the slots is the runtime's business.
"""

from typing import Any

import torch
from torch import Tensor

from catseye.export.graphs.base import Graph
from catseye.models.lenet import LeNet

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

    def settings(self) -> dict[str, Any]:
        return {"slots": self.slots}
