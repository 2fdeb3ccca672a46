"""The road network whose encoder can begin with weights that have seen the world.

EfficientNet-Lite, context at 1/16, and a decoder with skips from 1/8, 1/4 and 1/2.

Only layers that every TensorRT since 8.2 has. Knows normalised tensors, neither files nor pixels'
bytes; the published weights are `imagenet`'s.
"""

from dataclasses import dataclass

from torch import Tensor, nn

from catseye.models.parts import ConvNormAct, FactorisedBlock
from catseye.models.road.base import Doubling, RoadNetwork, doubled
from catseye.models.road.efficientnet import EncoderName, encoder_stages


@dataclass(frozen=True, kw_only=True)
class LiteRoadConfig:
    """encoder: by name.  decoder: its widths at 1/8, 1/4 and 1/2.  dilations: of the context's
    blocks.

    halved: the network sees the mean of every 2x2 pixels, so that all of these are twice as coarse.
    doubling: see Doubling.  stochastic_depth: the rate at which a block of the context is dropped
    in training.
    """

    encoder: EncoderName = "efficientnet-lite0"
    decoder: tuple[int, ...] = (64, 32, 16)
    dilations: tuple[int, ...] = (1, 2, 4)
    halved: bool = False
    doubling: Doubling = "bilinear"
    classes: int = 11
    stochastic_depth: float = 0.0


# for TX1 and Nano: a fifth of the time
LITE_NANO = LiteRoadConfig(decoder=(48, 24, 16), dilations=(1, 2), halved=True, doubling="nearest")

# for no board: what it answers is learned by the others
LITE_LARGE = LiteRoadConfig(
    encoder="efficientnet-lite2", decoder=(128, 64, 32), dilations=(1, 2, 4, 8)
)


class LiteRoadNet(RoadNetwork):
    """See RoadNetwork."""

    def __init__(self, config: LiteRoadConfig = LiteRoadConfig()) -> None:
        super().__init__()
        stages = encoder_stages(config.encoder)
        at_half, at_quarter, at_eighth, deep = stages.widths
        eighth, quarter, half = config.decoder
        drop = config.stochastic_depth
        self.config = config
        self.shrinking = 2 if config.halved else 1
        self.stride, self.step = 16 * self.shrinking, 2 * self.shrinking
        self.stem = stages.stem
        self.at_half, self.at_quarter = stages.at_half, stages.at_quarter
        self.at_eighth, self.at_sixteenth = stages.at_eighth, stages.at_sixteenth
        self.context = nn.Sequential(*(FactorisedBlock(deep, d, drop) for d in config.dilations))
        self.deep_to_eighth = ConvNormAct(deep, eighth, size=1)
        self.narrow_eighth = ConvNormAct(at_eighth, eighth, size=1)
        self.fuse_eighth = ConvNormAct(eighth, eighth)
        self.eighth_to_quarter = ConvNormAct(eighth, quarter, size=1)
        self.narrow_quarter = ConvNormAct(at_quarter, quarter, size=1)
        self.fuse_quarter = ConvNormAct(quarter, quarter)
        self.quarter_to_half = ConvNormAct(quarter, half, size=1)
        self.narrow_half = ConvNormAct(at_half, half, size=1)
        self.fuse_half = ConvNormAct(half, half)
        self.classify = nn.Conv2d(half, config.classes, 1)
        self.classify_deep = nn.Conv2d(deep, config.classes, 1)  # auxiliary head, training only

    @property
    def first_convolution(self) -> nn.Conv2d:
        return self.stem.convolution

    def logits_of_shrunk(self, x: Tensor) -> tuple[Tensor, Tensor]:
        half = self.at_half(self.stem(x))
        quarter = self.at_quarter(half)
        eighth = self.at_eighth(quarter)
        deep = self.context(self.at_sixteenth(eighth))
        y = self.fuse_eighth(self.narrow_eighth(eighth) + doubled(self.deep_to_eighth(deep)))
        y = self.fuse_quarter(self.narrow_quarter(quarter) + doubled(self.eighth_to_quarter(y)))
        y = self.fuse_half(self.narrow_half(half) + doubled(self.quarter_to_half(y)))
        return self.classify(y), self.classify_deep(deep)
