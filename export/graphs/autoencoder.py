"""The graph of an autoencoder for a board: camera bytes in; out: how badly patches are rebuilt, how
busy the units are.

Every patch of the frame is cut out by one convolution, brought to mean 0 and norm 1, coded, rebuilt
and compared, all inside the graph, so that little comes out. Only layers that OpenCV 4.5.4 and
TensorRT 8.2 have; shapes are static. Knows frames of one size; not what is familiar.
"""

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, conv2d

from catseye.export.graphs.base import CardPart, PhotographGraph, demand_a_patch
from catseye.models.autoencoder import FLOOR, Autoencoder
from catseye.runtime.datasets.bsds import GREY_FROM_BGR
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks.autoencoder import AutoencoderSettings


class AutoencoderFrame(PhotographGraph):
    """(1, H, W, 3) uint8 BGR -> error (1, h, w) and activity (1, units), both float32.

    error: ||x - h(x)||^2 of each patch x of norm 1, h = floor((H - patch) / stride) + 1, w
    likewise; a norm below FLOOR (grey in 0..1) counts as FLOOR: what is weaker than noise is not
    blown up.
    activity: mean over the patches of each unit's activation times ||x||^2, so that flat patches
    count as nothing.
    """

    input_names = ("frame",)
    output_names = ("error", "activity")
    grey: Tensor
    cut: Tensor
    ones: Tensor
    spread_to_patch: Tensor
    spread_to_units: Tensor
    encode: Tensor
    encode_bias: Tensor
    decode: Tensor
    decode_bias: Tensor

    def __init__(self, network: Autoencoder, size_wh: tuple[int, int]) -> None:
        """`size_wh`: the frame's; each side at least a patch, else it raises CatseyeError."""
        super().__init__()
        config = network.config
        demand_a_patch(size_wh, config.patch)
        self.config, self.size_wh, self.known = config, size_wh, tuple(network.known())
        n = config.patch**2
        centred = torch.eye(n) - 1 / n  # cuts pixel i out and takes the patch's mean off on the way
        self.register_buffer("grey", torch.from_numpy(GREY_FROM_BGR).reshape(1, 3, 1, 1) / 255)
        self.register_buffer("cut", centred.reshape(n, 1, config.patch, config.patch))
        self.register_buffer("ones", torch.ones(1, n, 1, 1))
        # broadcasting by convolution, because OpenCV 4.5 cannot
        self.register_buffer("spread_to_patch", torch.ones(n, 1, 1, 1))
        self.register_buffer("spread_to_units", torch.ones(config.units, 1, 1, 1))
        encode, decode = network.encode, network.decode
        self.register_buffer("encode", encode.weight.detach()[:, :, None, None].clone())
        self.register_buffer("encode_bias", encode.bias.detach()[None, :, None, None].clone())
        self.register_buffer("decode", decode.weight.detach()[:, :, None, None].clone())
        self.register_buffer("decode_bias", decode.bias.detach().clone())

    def card_part(self, data: JsonObject) -> CardPart:
        config = self.config
        return CardPart(AutoencoderSettings(config.patch, config.stride, config.units, self.known))

    def forward(self, frame: Tensor) -> tuple[Tensor, Tensor]:
        grey = conv2d(frame.float().permute(0, 3, 1, 2), self.grey)  # (1, 1, H, W)
        # (1, n, h, w), every patch without its mean
        raw = conv2d(grey, self.cut, stride=self.config.stride)
        energy = conv2d(raw * raw, self.ones)  # (1, 1, h, w)
        norm = torch.sqrt(torch.relu(energy - FLOOR**2) + FLOOR**2)
        # OpenCV 5.0 garbles a convolution of a quotient, so what is linear comes before the
        # division by the norm
        a = conv2d(raw, self.encode) / conv2d(norm, self.spread_to_units) + self.encode_bias
        if not self.config.linear:
            a = torch.sigmoid(a)
        gap = conv2d(a, self.decode, self.decode_bias) * conv2d(norm, self.spread_to_patch) - raw
        weight = energy / (norm * norm)  # ||x||^2
        error = conv2d(gap * gap, self.ones) / (norm * norm)
        return (
            error[:, 0],
            adaptive_avg_pool2d(a * conv2d(weight, self.spread_to_units), 1)[:, :, 0, 0],
        )
