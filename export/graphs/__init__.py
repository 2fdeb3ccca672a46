"""Which graph a task is exported as: the one table from a checkpoint's task to a module that starts
at camera bytes."""

from catseye.export.graphs.autoencoder import AutoencoderFrame
from catseye.export.graphs.base import Graph
from catseye.export.graphs.digits import DigitsFrame
from catseye.export.graphs.gan import GanPictures
from catseye.export.graphs.road import RoadFrame
from catseye.export.graphs.sparse import SparseFrame
from catseye.models.checkpoint import Checkpoint
from catseye.runtime.errors import CatseyeError
from catseye.runtime.tasks.letterboxed import trained_wh

GRAPHS: dict[str, type[Graph]] = {
    "road": RoadFrame,
    "sparse": SparseFrame,
    "autoencoder": AutoencoderFrame,
    "digits": DigitsFrame,
    "gan": GanPictures,
}


def graph_from_checkpoint(checkpoint: Checkpoint, size_wh: tuple[int, int] | None = None) -> Graph:
    """The graph of a checkpoint for frames of `size_wh`; of the size that it was trained at if
    None, or the task's usual one where it does not say.

    Raises CatseyeError for a size where the task takes no frames.
    """
    task = checkpoint.meta.task
    graph = GRAPHS[task]
    if graph.usual_wh is None and size_wh is not None:
        raise CatseyeError(f"--size for {task}", "a task that takes frames", "leave --size out")
    if graph.usual_wh is not None and size_wh is None:
        size_wh = trained_wh(checkpoint.meta.data)
    return graph.of(checkpoint.network, size_wh, checkpoint.meta.metrics).eval()
