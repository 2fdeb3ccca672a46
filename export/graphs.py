"""Which graph a task is exported as: the one table from a checkpoint's task to a module that starts at camera bytes."""

from typing import Any, Protocol

from torch import Tensor, nn

from catseye.export.digits_graph import DigitsFrame
from catseye.export.road_graph import RoadFrame
from catseye.export.sparse_graph import SparseFrame
from catseye.models.checkpoint import Checkpoint

DEFAULT_SIZE_WH = {"road": (640, 360), "sparse": (320, 180)}


class Graph(Protocol):
    """A module whose inputs and outputs have names and whose shapes are static."""

    input_names: tuple[str, ...]
    output_names: tuple[str, ...]

    def example_inputs(self) -> tuple[Tensor, ...]: ...
    def settings(self) -> dict[str, Any]: ...


def graph_from_checkpoint(checkpoint: Checkpoint, size_wh: tuple[int, int] | None) -> nn.Module:
    """The graph of a checkpoint for frames of `size_wh` (the task's usual size if None)."""
    task, network = checkpoint.meta["task"], checkpoint.network
    if task == "digits":
        return DigitsFrame(network).eval()
    graphs = {"road": RoadFrame, "sparse": SparseFrame}
    return graphs[task](network, size_wh or DEFAULT_SIZE_WH[task]).eval()
