"""Road segmentation CNN: an encoder-decoder with batch normalisation and skip connections, 11 classes.

Encoder to 1/16 of the frame with factorised residual blocks, dilated at the bottom for context; decoder adds the
skips from 1/8 and 1/4 and answers at 1/4. Only layers that every TensorRT since 8.2 has. Knows normalised tensors,
neither files nor pixels' bytes.
"""

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn.functional import interpolate

from catseye.models.parts import ConvNormAct, FactorisedBlock

MEAN_RGB = (0.485, 0.456, 0.406)
STD_RGB = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class RoadConfig:
    """Widths at 1/2, 1/4, 1/8 and 1/16 of the frame, blocks at 1/4 and 1/8, dilations of the blocks at 1/16."""

    widths: tuple[int, ...] = (16, 32, 64, 128)
    blocks: tuple[int, ...] = (1, 3)
    dilations: tuple[int, ...] = (1, 2, 4, 8)
    classes: int = 11
    stochastic_depth: float = 0.0


class RoadNet(nn.Module):
    """(N, 3, H, W) float32 RGB, normalised by MEAN_RGB and STD_RGB, H and W multiples of 16 -> (N, 11, H, W) logits."""

    stride = 16

    def __init__(self, config: RoadConfig = RoadConfig()) -> None:
        super().__init__()
        half, quarter, eighth, deep = config.widths
        drop = config.stochastic_depth
        self.config = config
        self.stem = ConvNormAct(3, half, stride=2)
        self.at_quarter = _stage(half, quarter, [1] * config.blocks[0], drop)
        self.at_eighth = _stage(quarter, eighth, [1] * config.blocks[1], drop)
        self.at_sixteenth = _stage(eighth, deep, config.dilations, drop)
        self.deep_to_eighth = ConvNormAct(deep, eighth, size=1)
        self.fuse_eighth = ConvNormAct(eighth, eighth)
        self.eighth_to_quarter = ConvNormAct(eighth, quarter, size=1)
        self.fuse_quarter = ConvNormAct(quarter, quarter)
        self.classify = nn.Conv2d(quarter, config.classes, 1)
        self.classify_deep = nn.Conv2d(deep, config.classes, 1)  # auxiliary head, training only

    def forward(self, x: Tensor) -> Tensor:
        return interpolate(self.logits_at_quarter(x)[0], scale_factor=4, mode="bilinear", align_corners=False)

    def logits_at_quarter(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(N, 11, H/4, W/4) logits of the decoder and (N, 11, H/16, W/16) logits of the auxiliary head."""
        quarter = self.at_quarter(self.stem(x))
        eighth = self.at_eighth(quarter)
        deep = self.at_sixteenth(eighth)
        eighth = self.fuse_eighth(eighth + _double(self.deep_to_eighth(deep)))
        quarter = self.fuse_quarter(quarter + _double(self.eighth_to_quarter(eighth)))
        return self.classify(quarter), self.classify_deep(deep)


def _stage(channels_in: int, channels: int, dilations: list[int] | tuple[int, ...], drop: float) -> nn.Sequential:
    blocks = [FactorisedBlock(channels, dilation, drop) for dilation in dilations]
    return nn.Sequential(ConvNormAct(channels_in, channels, stride=2), *blocks)


def _double(x: Tensor) -> Tensor:
    return interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
