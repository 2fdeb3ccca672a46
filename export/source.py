"""A checkpoint opened as what it will be exported as: the graph that starts at camera bytes, run by
torch."""

from pathlib import Path

from catseye.export.card import card_from_checkpoint
from catseye.export.graphs import graph_from_checkpoint
from catseye.export.torch_engine import TorchEngine
from catseye.models.checkpoint import load_checkpoint
from catseye.runtime.model_file.card import Card


def open_source_network(
    folder: str, size_wh: tuple[int, int] | None = None, threads: int = 0
) -> tuple[Card, TorchEngine]:
    """The card and the engine of a checkpoint folder, run with so many CPU threads, 0 = torch's
    choice. Raises ModelFileError for what is none,
    CatseyeError for a frame that the network cannot take."""
    checkpoint = load_checkpoint(Path(folder))
    graph = graph_from_checkpoint(checkpoint, size_wh)
    engine = TorchEngine(graph, threads)
    return card_from_checkpoint(checkpoint, graph, engine, Path(folder).name), engine
