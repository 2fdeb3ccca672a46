"""The generator as a graph for a board: noise as bytes in, pictures of digits as bytes out.

There is no camera picture that a generator starts from; its z is drawn by the runtime
(runtime/tasks/gan.py) as bytes, like everything else that goes into a model file. Batch
normalisation is folded into the layers before it.
"""

from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_linear_bn_eval

from catseye.export.graphs.base import GOLDEN_CASES, CardPart, Graph
from catseye.models.gan import Gan
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks.gan import GanSettings, noise_bytes

PICTURES = 16


class GanPictures(Graph):
    """(N, latent) uint8 noise -> (N, 32, 32) uint8 pictures, light digits on dark ground.

    A byte b stands for z = (b + 1/2) / 128 - 1: 256 equal steps of the uniform prior on -1..1.
    """

    input_names = ("noise",)
    output_names = ("pictures",)

    def __init__(self, network: Gan, pictures: int = PICTURES) -> None:
        super().__init__()
        self.layers = _folded(network.eval().generator.layers)
        self.latent, self.pictures = network.config.latent, pictures

    def forward(self, noise: Tensor) -> Tensor:
        z = noise.float() / 128 - (1 - 1 / 256)
        grey = (self.layers(z) * 255 + 0.5).reshape(self.pictures, 32, 32)
        return grey.to(torch.uint8)  # last: TensorRT casts to uint8 at the border only

    def example_inputs(self) -> tuple[Tensor, ...]:
        return (torch.zeros(self.pictures, self.latent, dtype=torch.uint8),)

    @classmethod
    def of(
        cls, network: nn.Module, size_wh: tuple[int, int] | None, metrics: JsonObject
    ) -> "GanPictures":
        return cls(cast(Gan, network))

    def card_part(self, data: JsonObject) -> CardPart:
        return CardPart(GanSettings(self.pictures, self.latent))

    def golden_inputs(self) -> list[np.ndarray]:
        shape = (self.pictures, self.latent)
        return [noise_bytes(shape, seed) for seed in range(GOLDEN_CASES)]


def _folded(layers: nn.Sequential) -> nn.Sequential:
    """The same function without the batch normalisations that follow linear layers."""
    folded: list[nn.Module] = []
    for layer in layers:
        if isinstance(layer, nn.BatchNorm1d):
            layer = fuse_linear_bn_eval(cast(nn.Linear, folded.pop()), layer)
        folded.append(layer)
    return nn.Sequential(*folded)
