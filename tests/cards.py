"""Cards and model files made by hand, for tests that need one of a few fields only."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from catseye.runtime.model_file.border import read_border
from catseye.runtime.model_file.card import Card, Provenance, digest_of_card
from catseye.runtime.model_file.load import CARD_KEY, ModelFile
from catseye.runtime.model_file.onnx_file import digest_of_graph, read_onnx_file
from catseye.runtime.model_file.tensors import TensorSpec
from catseye.runtime.system.files import sha256_hex

PROVENANCE = Provenance({}, 0, 0, 0, "", "", {})


def tensor(name: str, *shape: int, dtype: str = "uint8") -> TensorSpec:
    return TensorSpec(name, shape, np.dtype(dtype))


def card_of(
    task: str, inputs: tuple[TensorSpec, ...], outputs: tuple[TensorSpec, ...], **fields: Any
) -> Card:
    """A card of FP32 with these tensors; `fields` replace what it else says."""
    card = Card("0", task, task, (), (), inputs, outputs, "fp32", "any", 11, {}, PROVENANCE)
    return card._replace(**fields)


def bare_model(
    data: bytes, name: str = "bare", outputs: tuple[TensorSpec, ...] | None = None
) -> ModelFile:
    """A model file of a graph that has no card: its card promises `outputs`, else what the graph
    has. Raises as `read_onnx_file` and `read_border` do."""
    border = read_border(read_onnx_file(data, name), name)
    card = card_of("none", border.inputs, border.outputs if outputs is None else outputs)
    return ModelFile(name, data, card, (), border, sha256_hex(data))


def with_card(
    data: bytes, change: Callable[[dict[str, Any]], Any] = lambda card: None, fix: bool = True
) -> bytes:
    """A model file with a changed card; `fix`: the digests of graph and card fit again."""
    import onnx  # here, because a board has none and makes cards too

    model = onnx.load_from_string(data)
    entry = next(entry for entry in model.metadata_props if entry.key == CARD_KEY)
    card = json.loads(entry.value)
    change(card)
    if fix and "graph_sha256" in card:
        card["graph_sha256"] = digest_of_graph(data)
        card["card_sha256"] = digest_of_card(card)
    entry.value = json.dumps(card)
    return model.SerializeToString()
