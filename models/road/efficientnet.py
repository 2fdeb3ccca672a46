"""The encoder of EfficientNet-Lite, down to 1/16 of the frame, as four stages of blocks.

Tan and Le 2019 (arXiv 1905.11946), in TensorFlow's Lite form of 2020: without squeeze-and-
excitation and swish. Two things differ, and the published weights bear both once they have been
trained on. The activation is ReLU: ReLU6 is opset 11's Clip, which OpenCV before 4.7 does not read.
And halvings pad alike before and behind, where TensorFlow pads more behind: what they see moves by
a pixel.
"""

import math
from typing import Literal, NamedTuple

from torch import Tensor, nn

from catseye.models.parts import ConvNormAct

EncoderName = Literal["efficientnet-lite0", "efficientnet-lite2"]
STEM = 32  # channels at 1/2, however wide the rest is
MULTIPLE = 8  # of which widths are


class Row(NamedTuple):
    """Blocks of one width; the first of them has the stride. expansion: inner channels for each
    that comes in."""

    blocks: int
    size: int
    stride: int
    expansion: int
    channels: int


BASE = (
    Row(1, 3, 1, 1, 16),
    Row(2, 3, 2, 6, 24),
    Row(2, 5, 2, 6, 40),
    Row(3, 3, 2, 6, 80),
    Row(3, 5, 1, 6, 112),
)
# how many times as wide and as deep as BASE
GROWN: dict[EncoderName, tuple[float, float]] = {
    "efficientnet-lite0": (1.0, 1.0),
    "efficientnet-lite2": (1.1, 1.2),
}


class InvertedBlock(nn.Module):
    """A 1x1 convolution to more channels, a depthwise one, and a 1x1 back without activation, added
    to what came in where that has its shape. (N, C, H, W) -> (N, C', H / stride, W / stride)."""

    def __init__(self, channels_in: int, channels: int, row: Row, stride: int) -> None:
        super().__init__()
        inner = channels_in * row.expansion
        widened = ConvNormAct(channels_in, inner, size=1) if row.expansion > 1 else ()
        self.branch = nn.Sequential(
            *widened,
            *ConvNormAct(inner, inner, row.size, stride, groups=inner),
            nn.Conv2d(inner, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
        )
        self.has_skip = stride == 1 and channels_in == channels

    def forward(self, x: Tensor) -> Tensor:
        return x + self.branch(x) if self.has_skip else self.branch(x)


class Stages(NamedTuple):
    """The encoder from (N, 3, H, W) on; each of the others halves what the one before answers.

    widths: channels at 1/2, 1/4, 1/8 and 1/16.
    """

    stem: ConvNormAct
    at_half: nn.Sequential
    at_quarter: nn.Sequential
    at_eighth: nn.Sequential
    at_sixteenth: nn.Sequential
    widths: tuple[int, ...]


def encoder_stages(name: EncoderName) -> Stages:
    """The encoder of that name, with weights at random."""
    stages: list[list[InvertedBlock]] = [[]]
    widths = [STEM]
    for row in rows_of(name):
        for number in range(row.blocks):
            stride = row.stride if number == 0 else 1
            if stride == 2:
                stages.append([])
                widths.append(widths[-1])
            stages[-1].append(InvertedBlock(widths[-1], row.channels, row, stride))
            widths[-1] = row.channels
    half, quarter, eighth, sixteenth = (nn.Sequential(*blocks) for blocks in stages)
    return Stages(ConvNormAct(3, STEM, stride=2), half, quarter, eighth, sixteenth, tuple(widths))


def rows_of(name: EncoderName) -> list[Row]:
    """The rows of BASE, as wide and deep as this encoder's; the first is as deep in all."""
    width, depth = GROWN[name]
    return [
        row._replace(
            blocks=math.ceil(depth * row.blocks) if row.channels > BASE[0].channels else row.blocks,
            channels=_rounded(width * row.channels),
        )
        for row in BASE
    ]


def _rounded(channels: float) -> int:
    """The nearest multiple of MULTIPLE, but no tenth less."""
    nearest = int(channels + MULTIPLE / 2) // MULTIPLE * MULTIPLE
    return nearest + MULTIPLE if nearest < 0.9 * channels else nearest
