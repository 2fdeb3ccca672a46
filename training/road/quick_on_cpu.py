"""What makes a road network train faster on a CPU and changes nothing but the rounding.

Knows layers only. On a GPU the networks compute as they would without.
"""

import torch
from torch import Tensor, nn

WIDE = 5  # side of the filters


def quick_on_cpu(network: nn.Module) -> nn.Module:
    """The network itself, its weights in the order in memory that a CPU is faster in, and its wide
    depthwise convolutions in float32 whatever the rest is in: torch 2.13's gradient of a 5x5 one
    takes two and a half times as long in bfloat16 (benchmarks/road_steps.py)."""
    for module in network.modules():
        if type(module) is nn.Conv2d and module.groups > 1 and min(module.kernel_size) >= WIDE:
            module.__class__ = _Float32Conv2d  # its weights and their names stay
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


class _Float32Conv2d(nn.Conv2d):
    """A convolution that a CPU computes in float32 under autocast too."""

    def forward(self, x: Tensor) -> Tensor:
        if x.device.type != "cpu":
            return super().forward(x)
        with torch.autocast("cpu", enabled=False):
            return super().forward(x.float())
