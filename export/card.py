"""The card: what a model file says of itself, from the checkpoint it came from. Fields:
docs/model-file.md."""

from catseye.export.graphs.base import Graph
from catseye.export.torch_engine import TorchEngine
from catseye.models.checkpoint import Checkpoint
from catseye.runtime.model_file.card import Card, Provenance
from catseye.runtime.version import VERSION

OPSET = 11  # of the graphs that are traced


def card_from_checkpoint(
    checkpoint: Checkpoint, graph: Graph, source: TorchEngine, name: str
) -> Card:
    """The card of a checkpoint's graph, `source` being that graph run by torch; still without the
    digests of its file."""
    meta = checkpoint.meta
    part = graph.card_part(meta.data)
    return Card(
        version=VERSION,
        name=name,
        task=meta.task,
        classes=part.classes,
        colours_rgb=part.colours_rgb,
        inputs=source.inputs,
        outputs=source.outputs,
        precision="fp32",
        target="any",
        opset=OPSET,
        metrics=meta.metrics,
        provenance=Provenance(**{key: getattr(meta, key) for key in Provenance._fields}),
        settings=part.settings,
    )
