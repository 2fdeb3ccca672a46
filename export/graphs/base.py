"""What an exportable graph is: a module that starts at camera bytes and ends at the answer."""

from abc import abstractmethod
from typing import Any

import torch
from torch import Tensor, nn

from catseye.runtime.errors import CatseyeError


class Graph(nn.Module):
    """A module with named inputs and outputs and static shapes."""

    input_names: tuple[str, ...]
    output_names: tuple[str, ...]

    @abstractmethod
    def example_inputs(self) -> tuple[Tensor, ...]:
        """Inputs of the shapes and dtypes that the graph is traced with."""

    def settings(self) -> dict[str, Any]:
        """Numbers that the card must tell the runtime beyond inputs and outputs, as plain JSON
        types."""
        return {}


class FrameGraph(Graph):
    """A graph that takes one whole frame of `size_wh`, (1, H, W, 3) uint8 BGR."""

    size_wh: tuple[int, int]

    def example_inputs(self) -> tuple[Tensor, ...]:
        width, height = self.size_wh
        return (torch.zeros(1, height, width, 3, dtype=torch.uint8),)


def demand_a_patch(size_wh: tuple[int, int], patch: int) -> None:
    """Refuse a frame that not one patch fits into."""
    if min(size_wh) < patch:
        raise CatseyeError(f"size {size_wh}", f"at least {patch} x {patch}, one patch")
