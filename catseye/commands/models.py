"""Opening what MODEL may name on the command line: a model file, a zoo name, or a checkpoint folder."""

import os
from typing import Any, Dict, NamedTuple, Optional, Tuple

from catseye.runtime.engines import Engine, TensorSpec, open_engine
from catseye.runtime.errors import CatseyeError
from catseye.runtime.files import read_bytes, sha256_hex
from catseye.runtime.golden import GoldenCase
from catseye.runtime.model_file import ModelFile, load_model


class OpenedModel(NamedTuple):
    """A model with the engine that runs it. sha256 tells two names of one model apart from two models."""

    name: str
    card: Dict[str, Any]
    engine: Engine
    golden: Tuple[GoldenCase, ...]
    sha256: str


def open_model(
    text: str, backend: str = "auto", provider: str = "", threads: int = 0, size_wh: Optional[Tuple[int, int]] = None
) -> OpenedModel:
    """Open a model file with a backend, or a checkpoint folder with torch, for frames of `size_wh`."""
    if text and os.path.isdir(text):
        if backend != "auto":
            raise CatseyeError("--backend %s with a checkpoint" % backend, "a model file", "export it first")
        return _open_checkpoint(text, size_wh)
    model = load_model(text)
    engine = open_model_file(model, backend, provider, threads)
    return OpenedModel(model.name, model.card, engine, model.golden, sha256_hex(model.data))


def open_model_file(model: ModelFile, backend: str = "auto", provider: str = "", threads: int = 0) -> Engine:
    """The engine of a model file, its outputs in the types that the card declares."""
    declared = [TensorSpec(o["name"], tuple(o["shape"]), o["dtype"]) for o in model.card["outputs"]]
    return open_engine(model.data, model.name, backend, provider, threads, declared)


def _open_checkpoint(folder: str, size_wh: Optional[Tuple[int, int]]) -> OpenedModel:
    # torch is wanted for checkpoints only, and is not on the board
    try:
        from catseye.export.source import open_source_network
    except ImportError as error:
        raise CatseyeError("%s is a folder, and checkpoints cannot be opened here (%s)" % (folder, error),
                           "a model file", "export it on a machine with torch")

    card, engine = open_source_network(folder, size_wh)
    return OpenedModel(folder, card, engine, (), sha256_hex(read_bytes(os.path.join(folder, "model.pt"))))
