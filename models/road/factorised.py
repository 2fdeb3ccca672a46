"""The road network that is trained from nothing: an encoder-decoder with batch normalisation and
skip connections.

Encoder to 1/16 of the frame with factorised residual blocks, dilated from 1/8 on for context; the
decoder adds the skips from 1/8, 1/4 and 1/2 and answers at 1/2, where poles and signs are still
wider than a pixel. Only layers that every TensorRT since 8.2 has. Knows normalised tensors, neither
files nor pixels' bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor, nn

from catseye.models.parts import ConvNormAct, FactorisedBlock, linear_decay
from catseye.models.road.base import Doubling, RoadNetwork, doubled


@dataclass(frozen=True, kw_only=True)
class RoadConfig:
    """Widths at 1/2, 1/4, 1/8 and 1/16 of the frame; the dilation of each block there; the
    decoder's width at 1/2.

    fuse_half: the side of the filters that join skip and decoder at 1/2; 1 spares road-nano a fifth
    of its multiplies. doubling: how the answer at 1/2 becomes one at full size: "bilinear", or
    "nearest", whose edges are two pixels wide and which takes half of a small network's time.
    stochastic_depth: the rate at which every block is dropped in training; with linear_decay only
    the last one's, the others' growing up to it (`parts.linear_decay`).
    """

    widths: tuple[int, ...] = (24, 48, 96, 128)
    at_quarter: tuple[int, ...] = (1, 1)
    at_eighth: tuple[int, ...] = (1, 2, 1, 4)
    at_sixteenth: tuple[int, ...] = (1, 2, 4, 8)
    decoder: int = 16
    fuse_half: int = 3
    doubling: Doubling = "bilinear"
    classes: int = 11
    stochastic_depth: float = 0.0
    linear_decay: bool = False


# for TX1 and Nano; widths in sixteens, the blocks in which onnxruntime and TensorRT keep channels
NANO = RoadConfig(
    widths=(16, 16, 32, 96),
    at_quarter=(1,),
    at_eighth=(1, 2),
    at_sixteenth=(1, 2, 4, 8),
    fuse_half=1,
    doubling="nearest",
)


class RoadNet(RoadNetwork):
    """See RoadNetwork; about as wide as it is deep."""

    stride, step = 16, 2

    def __init__(self, config: RoadConfig = RoadConfig()) -> None:
        super().__init__()
        half, quarter, eighth, deep = config.widths
        decoder = config.decoder
        drops = iter(_drops(config))
        self.config = config
        self.stem = ConvNormAct(3, half, stride=2)
        self.at_quarter = _stage(half, quarter, config.at_quarter, drops)
        self.at_eighth = _stage(quarter, eighth, config.at_eighth, drops)
        self.at_sixteenth = _stage(eighth, deep, config.at_sixteenth, drops)
        self.deep_to_eighth = ConvNormAct(deep, eighth, size=1)
        self.fuse_eighth = ConvNormAct(eighth, eighth)
        self.eighth_to_quarter = ConvNormAct(eighth, quarter, size=1)
        self.fuse_quarter = ConvNormAct(quarter, quarter)
        self.quarter_to_half = ConvNormAct(quarter, decoder, size=1)
        self.narrow_half = ConvNormAct(half, decoder, size=1)
        self.fuse_half = ConvNormAct(decoder, decoder, config.fuse_half)
        self.classify = nn.Conv2d(decoder, config.classes, 1)
        self.classify_deep = nn.Conv2d(deep, config.classes, 1)  # auxiliary head, training only

    @property
    def first_convolution(self) -> nn.Conv2d:
        return self.stem.convolution

    def logits_of_shrunk(self, x: Tensor) -> tuple[Tensor, Tensor]:
        half = self.stem(x)
        quarter = self.at_quarter(half)
        eighth = self.at_eighth(quarter)
        deep = self.at_sixteenth(eighth)
        eighth = self.fuse_eighth(eighth + doubled(self.deep_to_eighth(deep)))
        quarter = self.fuse_quarter(quarter + doubled(self.eighth_to_quarter(eighth)))
        half = self.fuse_half(self.narrow_half(half) + doubled(self.quarter_to_half(quarter)))
        return self.classify(half), self.classify_deep(deep)


def _drops(config: RoadConfig) -> list[float]:
    """The drop rate of every residual block, from the frame inwards."""
    blocks = len(config.at_quarter + config.at_eighth + config.at_sixteenth)
    if config.linear_decay:
        return linear_decay(blocks, config.stochastic_depth)
    return [config.stochastic_depth] * blocks


def _stage(
    channels_in: int, channels: int, dilations: tuple[int, ...], drops: Iterator[float]
) -> nn.Sequential:
    """A halving, then a residual block for each dilation, which takes its drop rate from
    `drops`."""
    blocks = [FactorisedBlock(channels, dilation, next(drops)) for dilation in dilations]
    return nn.Sequential(ConvNormAct(channels_in, channels, stride=2), *blocks)
