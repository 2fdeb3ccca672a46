"""The road graph that starts at camera bytes and ends at class ids: pre- and post-processing inside
the network.

Only layers that ONNX opset 11 and every TensorRT since 8.2 have. Knows the network's interface and
its first convolution.
"""

import copy
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from catseye.export.graphs.base import CardPart, FrameGraph
from catseye.export.sampling import evenly_spread
from catseye.models.road.base import MEAN_RGB, STD_RGB, RoadNetwork, resized, shrunk
from catseye.runtime.classes import CAMVID, VOID, table_from_json
from catseye.runtime.datasets import DEMO
from catseye.runtime.datasets.road import open_road_data, road_samples
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks.road import RoadSettings


class RoadFrame(FrameGraph):
    """(1, H, W, 3) uint8 BGR -> (1, H, W) uint8 class ids.

    The mean is subtracted in the graph, so that padding with zeros means padding with the mean
    colour; the flip from BGR to RGB and the division by the standard deviation are folded into the
    first convolution.
    """

    input_names = ("frame",)
    output_names = ("mask",)
    mean_bgr: Tensor

    def __init__(self, network: RoadNetwork, size_wh: tuple[int, int]) -> None:
        super().__init__()
        self.network = _folded_into_first(network)
        self.register_buffer("mean_bgr", 255 * torch.tensor(MEAN_RGB).flip(0).reshape(1, 3, 1, 1))
        self.size_wh = size_wh
        # first shrunk, then subtracted from, takes less time; sides of odd size are padded before
        shrinking = network.shrinking
        self.shrinks_first = all(side % shrinking == 0 for side in size_wh)
        by = shrinking if self.shrinks_first else 1
        # sides that are no multiple of the stride are padded here and cropped below, so any camera
        # size works
        self.spare_wh = tuple(-side % network.stride // by for side in size_wh)

    def forward(self, frame: Tensor) -> Tensor:
        ids = self._ids(self.network.logits_of_shrunk(self._seen(frame))[0])
        if any(self.spare_wh):
            ids = ids[:, : self.size_wh[1], : self.size_wh[0]]
        return ids.to(torch.uint8)  # TensorRT casts to uint8 from float only

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
        """(1, C, H / step, W / step) logits -> (1, H, W) float ids; repeating them is cheaper after
        the choice than before."""
        step, doubling = self.network.step, self.network.config.doubling
        if doubling == "nearest":
            return resized(logits.argmax(1, keepdim=True).float(), step, doubling)[:, 0]
        return resized(logits, step, doubling).argmax(1).float()

    def card_part(self, data: JsonObject) -> CardPart:
        """The classes of the data set, where they are others than CamVid's."""
        own = data.get("classes")
        table = table_from_json(own, "the checkpoint") if own else CAMVID
        road = None if table.road == VOID or not own else table.names[table.road]
        return CardPart(RoadSettings(road), table.names, table.colours_rgb)

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


def _folded_into_first(network: RoadNetwork) -> RoadNetwork:
    """A copy whose first convolution takes BGR, 0-255, mean subtracted, instead of normalised
    RGB."""
    network = copy.deepcopy(network)
    convolution = network.first_convolution  # its weight: (C, 3, 3, 3), RGB
    std = 255 * torch.tensor(STD_RGB).reshape(1, 3, 1, 1)
    convolution.weight.data = (convolution.weight.data / std).flip(1)
    return network
