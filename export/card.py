"""The card: what a model file says of itself, from the checkpoint it came from. Fields:
docs/model-file.md."""

from typing import Any

from catseye.export.torch_engine import TorchEngine
from catseye.models.checkpoint import Checkpoint
from catseye.models.meta import Meta
from catseye.runtime.classes import CAMVID, table_from_json
from catseye.runtime.engines import TensorSpec
from catseye.runtime.model_file.load import FORMAT
from catseye.runtime.version import VERSION

PROVENANCE = ("data", "seed", "epoch", "epochs", "optimizer", "commit", "config")


def card_from_checkpoint(checkpoint: Checkpoint, source: TorchEngine, name: str) -> dict[str, Any]:
    """The card of a checkpoint's graph, as plain JSON types."""
    meta = checkpoint.meta
    task = meta.task
    classes, colours, settings = _classes(meta)
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": name,
        "task": task,
        "classes": classes,
        "colours_rgb": colours,
        "inputs": [_tensor_facts(spec) for spec in source.inputs],
        "outputs": [_tensor_facts(spec) for spec in source.outputs],
        "precision": "fp32",
        "target": "any",
        "metrics": meta.metrics,
        "provenance": {key: getattr(meta, key) for key in PROVENANCE},
        "settings": source.graph.settings() | settings,
    }


def _classes(meta: Meta) -> tuple[list[str], list[list[int]], dict[str, Any]]:
    """Names and colours of what a task tells apart, and the card's settings that go with them."""
    if meta.task == "digits":
        return list("0123456789"), [], {}
    if meta.task != "road":
        return [], [], {}
    own: Any = meta.data.get("classes")  # of a data set with other classes than CamVid's
    facts = (table_from_json(own) if own else CAMVID).as_json()
    return facts["classes"], facts["colours_rgb"], {"road": facts["road"]} if own else {}


def _tensor_facts(spec: TensorSpec) -> dict[str, Any]:
    return {"name": spec.name, "shape": list(spec.shape), "dtype": spec.dtype.name}
