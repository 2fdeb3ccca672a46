"""What an exportable graph is: a module that starts at camera bytes and ends at the answer."""

from abc import abstractmethod
from typing import Any

from torch import Tensor, nn


class Graph(nn.Module):
    """A module with named inputs and outputs and static shapes."""

    input_names: tuple[str, ...]
    output_names: tuple[str, ...]

    @abstractmethod
    def example_inputs(self) -> tuple[Tensor, ...]:
        """Inputs of the shapes and dtypes that the graph is traced with."""

    def settings(self) -> dict[str, Any]:
        """Numbers that the card must tell the runtime beyond inputs and outputs, as plain JSON types."""
        return {}
