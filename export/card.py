"""The card: what a model file says of itself, from the checkpoint it came from. Fields: docs/model-file.md."""

from typing import Any

from catseye import __version__
from catseye.export.torch_engine import TorchEngine
from catseye.models.checkpoint import Checkpoint
from catseye.runtime.classes import COLOURS_RGB, NAMES
from catseye.runtime.engines import TensorSpec
from catseye.runtime.model_file import FORMAT

CLASSES = {"road": NAMES, "digits": tuple("0123456789")}
PROVENANCE = ("data", "seed", "epoch", "epochs", "optimizer", "commit", "config")


def card_from_checkpoint(checkpoint: Checkpoint, source: TorchEngine, name: str) -> dict[str, Any]:
    """The card of a checkpoint's graph, as plain JSON types."""
    meta = checkpoint.meta
    task = meta["task"]
    return {
        "format": FORMAT,
        "version": __version__,
        "name": name,
        "task": task,
        "classes": list(CLASSES.get(task, ())),
        "colours_rgb": [list(colour) for colour in COLOURS_RGB] if task == "road" else [],
        "inputs": [_tensor_facts(spec) for spec in source.inputs],
        "outputs": [_tensor_facts(spec) for spec in source.outputs],
        "precision": "fp32",
        "target": "any",
        "metrics": meta["metrics"],
        "provenance": {key: meta[key] for key in PROVENANCE},
        "settings": source.graph.settings(),
    }


def _tensor_facts(spec: TensorSpec) -> dict[str, Any]:
    return {"name": spec.name, "shape": list(spec.shape), "dtype": spec.dtype.name}
