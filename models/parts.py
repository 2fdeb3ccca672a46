"""The parts that the lecture names as cures for vanishing gradients and overfitting, as modules.

Batch normalisation and skip connections make the residual block; stochastic depth drops whole
blocks in training.
Knows layers only, no task.
"""

from typing import cast

import torch
from torch import Tensor, nn


class ConvNormAct(nn.Sequential):
    """Convolution without bias, batch normalisation, ReLU: (N, C, H, W) -> (N, C', H / stride, W /
    stride)."""

    def __init__(
        self, channels_in: int, channels_out: int, size: int = 3, stride: int = 1, groups: int = 1
    ) -> None:
        padding = (size - 1) // 2
        super().__init__(
            nn.Conv2d(channels_in, channels_out, size, stride, padding, groups=groups, bias=False),
            nn.BatchNorm2d(channels_out),
            nn.ReLU(inplace=True),
        )

    @property
    def convolution(self) -> nn.Conv2d:
        return cast(nn.Conv2d, self[0])


class StochasticDepth(nn.Module):
    """Drops a residual branch for the whole sample with probability `drop` (Huang et al. 2016,
    arXiv 1603.09382).

    Training: the branch is kept with probability p = 1 - drop and divided by p, so that its
    expectation stays; at test time it always passes. (The paper multiplies by p at test time
    instead; the two agree in expectation.)
    """

    def __init__(self, drop: float) -> None:
        super().__init__()
        if not 0 <= drop < 1:
            raise ValueError(f"drop is {drop}; expected 0 <= drop < 1")
        self.drop = drop

    def forward(self, branch: Tensor) -> Tensor:
        if not self.training or self.drop == 0:
            return branch
        keep = torch.rand(len(branch), 1, 1, 1, device=branch.device) >= self.drop
        return branch * keep / (1 - self.drop)


def linear_decay(blocks: int, last_drop: float) -> list[float]:
    """Drop rates that grow with depth: block l of L survives with p_l = 1 - l / L (1 - p_L), p_L =
    1 - last_drop.

    Huang et al. 2016, equation 4: early blocks extract what later ones need, so they are dropped
    less.
    """
    return [block / blocks * last_drop for block in range(1, blocks + 1)]


class FactorisedBlock(nn.Module):
    """Residual block of a 3x1 and a 1x3 convolution, dilated: a 3x3's reach for two thirds of its
    weights.

    After the non-bottleneck-1D block of ERFNet (Romera et al. 2018), halved: one pair instead of
    two.
    (N, C, H, W) -> (N, C, H, W).
    """

    def __init__(self, channels: int, dilation: int = 1, drop: float = 0.0) -> None:
        super().__init__()
        d = dilation
        self.branch = nn.Sequential(
            nn.Conv2d(channels, channels, (3, 1), padding=(d, 0), dilation=(d, 1), bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, (1, 3), padding=(0, d), dilation=(1, d), bias=False),
            nn.BatchNorm2d(channels),
        )
        self.depth = StochasticDepth(drop)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.depth(self.branch(x)))
