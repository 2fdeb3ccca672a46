"""What every road network is: the interface that recipes and graphs rely on, and its input's
normalisation."""

from abc import abstractmethod
from typing import Any, Literal

from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate

MEAN_RGB = (0.485, 0.456, 0.406)
STD_RGB = (0.229, 0.224, 0.225)

# how logits at the decoder's resolution become an answer of the frame's size; "nearest" takes a
# fraction of the time, for the answers are repeated, whose edges are then as wide as its step
Doubling = Literal["bilinear", "nearest"]

LAST_LAYERS = ("classify", "classify_deep")  # a channel for each class


class RoadNetwork(nn.Module):
    """(N, 3, H, W) float32 RGB, normalised by MEAN_RGB and STD_RGB, H and W multiples of `stride`
    -> (N, classes, H, W) logits.

    shrinking: pixels along a side whose mean is all that the network sees of them.  stride: those
    that the deepest layer takes for one.  step: those that the decoder answers as one.  config:
    its dataclass, with `classes` and `doubling` at least.
    """

    shrinking = 1
    stride: int
    step: int
    config: Any
    classify: nn.Conv2d  # the last layer
    classify_deep: nn.Conv2d  # that of the auxiliary head

    def forward(self, x: Tensor) -> Tensor:
        return resized(self.logits(x)[0], self.step, self.config.doubling)

    def logits(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(N, classes, H / step, W / step) of the decoder and (N, classes, H / stride, W / stride)
        of the auxiliary head, which is for training only."""
        return self.logits_of_shrunk(shrunk(x, self.shrinking))

    @abstractmethod
    def logits_of_shrunk(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The same of what is left of a frame by `shrunk`."""

    @property
    @abstractmethod
    def first_convolution(self) -> nn.Conv2d:
        """The convolution that sees the colours: a graph folds their scale and order into its
        weights."""


def shrunk(x: Tensor, factor: int) -> Tensor:
    """(N, C, H, W) -> (N, C, H / factor, W / factor), the means."""
    return x if factor == 1 else avg_pool2d(x, factor)


def doubled(x: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, C, 2 H, 2 W), bilinear."""
    return resized(x, 2, "bilinear")


def resized(x: Tensor, factor: int, mode: Doubling) -> Tensor:
    """(N, C, H, W) -> (N, C, factor H, factor W)."""
    return interpolate(
        x, scale_factor=factor, mode=mode, align_corners=False if mode == "bilinear" else None
    )
