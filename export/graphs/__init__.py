"""Which graph a task is exported as: the one table from a checkpoint's task to a module that starts
at camera bytes."""

from collections.abc import Callable

from catseye.export.graphs.autoencoder import AutoencoderFrame
from catseye.export.graphs.base import Graph
from catseye.export.graphs.digits import DigitsFrame
from catseye.export.graphs.gan import GanPictures
from catseye.export.graphs.road import RoadFrame
from catseye.export.graphs.sparse import SparseFrame
from catseye.models.checkpoint import Checkpoint
from catseye.runtime.errors import CatseyeError

# a frame's usual size (w, h); None: the graph takes something of a fixed size instead of frames
GRAPHS: dict[str, tuple[Callable[..., Graph], tuple[int, int] | None]] = {
    "road": (RoadFrame, (640, 360)),
    "sparse": (SparseFrame, (640, 360)),
    "autoencoder": (AutoencoderFrame, (640, 360)),
    "digits": (DigitsFrame, None),
    "gan": (GanPictures, None),
}


def graph_from_checkpoint(checkpoint: Checkpoint, size_wh: tuple[int, int] | None = None) -> Graph:
    """The graph of a checkpoint for frames of `size_wh` (the task's usual size if None)."""
    make_graph, usual_wh = GRAPHS[checkpoint.meta.task]
    if usual_wh is not None:
        return make_graph(checkpoint.network, size_wh or usual_wh).eval()
    if size_wh is not None:
        raise CatseyeError(
            f"--size for {checkpoint.meta.task}", "a task that takes frames", "leave --size out"
        )
    return make_graph(checkpoint.network).eval()
