"""The road graph that starts at camera bytes and ends at class ids: pre- and post-processing inside
the network.

Only layers that ONNX opset 11 and every TensorRT since 8.2 have. Knows the network's interface and
its first and last convolutions.
"""

import copy
import functools
from collections.abc import Iterator
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from catseye.export.graphs.base import CardPart, FrameGraph
from catseye.export.sampling import evenly_spread
from catseye.models.road.base import MEAN_RGB, STD_RGB, RoadNetwork, resized, shrunk
from catseye.runtime.classes import VOID, table_of_checkpoint
from catseye.runtime.datasets import DEMO
from catseye.runtime.datasets.road import open_road_data, road_samples
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.json_document import Fields, JsonObject
from catseye.runtime.tasks.road import CONFIDENCE, TEMPERATURES, RoadSettings


class RoadFrame(FrameGraph):
    """(1, H, W, 3) uint8 BGR -> (1, H, W) uint8 class ids, and (1, H, W) uint8 confidence in them.

    The mean is subtracted in the graph, so that padding with zeros means padding with the mean
    colour; the flip from BGR to RGB and the division by the standard deviation are folded into the
    first convolution, the division by the temperature into the last.
    """

    input_names = ("frame",)
    output_names = ("mask", CONFIDENCE)
    mean_bgr: Tensor

    def __init__(
        self, network: RoadNetwork, size_wh: tuple[int, int], temperature: float = 1.0
    ) -> None:
        """temperature: what makes probabilities of the softmax of logits / temperature."""
        super().__init__()
        self.network = _folded(network, temperature)
        self.temperature = temperature
        self.register_buffer("mean_bgr", 255 * torch.tensor(MEAN_RGB).flip(0).reshape(1, 3, 1, 1))
        self.size_wh = size_wh
        # first shrunk, then subtracted from, takes less time; sides of odd size are padded before
        shrinking = network.shrinking
        self.shrinks_first = all(side % shrinking == 0 for side in size_wh)
        by = shrinking if self.shrinks_first else 1
        # sides that are no multiple of the stride are padded here and cropped below, so any camera
        # size works
        self.spare_wh = tuple(-side % network.stride // by for side in size_wh)

    @classmethod
    def of(
        cls, network: nn.Module, size_wh: tuple[int, int] | None, metrics: JsonObject
    ) -> "RoadFrame":
        fields = Fields(metrics, path="meta.metrics", of="the checkpoint", fix="train it again")
        has = fields.has("temperature")
        temperature = fields.number("temperature", *TEMPERATURES) if has else 1.0
        return cls(cast(RoadNetwork, network), size_wh or cls.usual_wh, temperature)

    def forward(self, frame: Tensor) -> tuple[Tensor, Tensor]:
        logits = self.network.logits_of_shrunk(self._seen(frame))[0]
        ids, confidence = self._ids(logits), self._confidence(logits)
        # TensorRT casts to uint8 from float only
        return ids.squeeze(1).to(torch.uint8), confidence.squeeze(1).to(torch.uint8)

    def _seen(self, frame: Tensor) -> Tensor:
        """(1, H, W, 3) bytes -> (1, 3, h, w), shrunk, without the mean, padded to the stride."""
        x = frame.float().permute(0, 3, 1, 2)
        if self.shrinks_first:
            return self._padded(shrunk(x, self.network.shrinking) - self.mean_bgr)
        return shrunk(self._padded(x - self.mean_bgr), self.network.shrinking)

    def _padded(self, x: Tensor) -> Tensor:
        width, height = self.spare_wh
        return pad(x, (0, width, 0, height)) if width or height else x

    def _ids(self, logits: Tensor) -> Tensor:
        """(1, C, H / step, W / step) logits -> (1, 1, H, W) float ids; repeating them is cheaper
        after the choice than before."""
        if self.network.config.doubling == "nearest":
            return self._repeated(logits.argmax(1, keepdim=True).float())
        full = resized(logits, self.network.step, "bilinear").argmax(1, keepdim=True).float()
        return _cropped(full, self.size_wh) if any(self.spare_wh) else full

    def _confidence(self, logits: Tensor) -> Tensor:
        """The same logits -> (1, 1, H, W), 255 times the largest of their softmax, and a half, so
        that a cast rounds.

        At the decoder's resolution, a tenth of the work. 1 / sum exp(l - max) is written over
        single channels: reductions over all cost onnxruntime three times as much, and OpenCV before
        4.7 spreads no channel over others. And by its logarithm, with a factor before it:
        OpenCV takes any quotient by the sum for the whole softmax, and log(a + exp(b)) for log(1 +
        exp(b)).
        """
        channels = logits.split(1, 1)
        largest = functools.reduce(torch.maximum, channels)
        total = functools.reduce(torch.add, [(channel - largest).exp() for channel in channels])
        return self._repeated((total * (1 / 255)).log().neg().exp() + 0.5)

    def _repeated(self, coarse: Tensor) -> Tensor:
        """(1, 1, H / step, W / step) of the padded frame -> (1, 1, H, W) of the frame."""
        step, (width, height) = self.network.step, self.size_wh
        if any(self.spare_wh):
            coarse = _cropped(coarse, (-(-width // step), -(-height // step)))
        full = resized(coarse, step, "nearest")
        return _cropped(full, self.size_wh) if width % step or height % step else full

    def card_part(self, data: JsonObject) -> CardPart:
        """The classes of the data set, where they are others than CamVid's."""
        table = table_of_checkpoint(data)
        own = table.road != VOID and bool(data.get("classes"))
        road = table.names[table.road] if own else None
        settings = RoadSettings(road, round(self.temperature, 4))
        return CardPart(settings, table.names, table.colours_rgb)

    @classmethod
    def data_set_name(cls, folder: str) -> str:
        try:
            return DEMO if folder == DEMO else open_road_data(folder).name
        except CatseyeError:
            return ""

    @classmethod
    def calibration_images(cls, folder: str) -> Iterator[np.ndarray]:
        for sample in evenly_spread(road_samples(folder, "train")):
            yield sample.read()[0]


def _folded(network: RoadNetwork, temperature: float) -> RoadNetwork:
    """A copy whose first convolution takes BGR, 0-255, mean subtracted, instead of normalised RGB,
    and whose last answers logits / temperature."""
    network = copy.deepcopy(network)
    first = network.first_convolution  # its weight: (C, 3, 3, 3), RGB
    std = 255 * torch.tensor(STD_RGB).reshape(1, 3, 1, 1)
    first.weight.data = (first.weight.data / std).flip(1)
    for of_last in network.classify.parameters():
        of_last.data = of_last.data / temperature
    return network


def _cropped(x: Tensor, size_wh: tuple[int, int]) -> Tensor:
    """The upper left of (N, C, H, W)."""
    return x[:, :, : size_wh[1], : size_wh[0]]
