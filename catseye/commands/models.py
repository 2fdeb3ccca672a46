"""Opening what MODEL may name on the command line: a model file, a zoo name, an engine, or a checkpoint folder."""

import os
from typing import Any, Dict, NamedTuple, Optional, Tuple

from catseye.runtime.engines import Engine, TensorSpec, open_engine
from catseye.runtime.engines.engine_file import is_engine, read_engine
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
    text: str, backend: str = "auto", provider: str = "", threads: int = 0, size_wh: Optional[Tuple[int, int]] = None,
    spin: bool = False
) -> OpenedModel:
    """Open a model file with a backend, an engine with TensorRT, or a checkpoint with torch, for frames of `size_wh`.

    spin: wait for results on busy cores.
    """
    if text and os.path.isdir(text):
        if backend != "auto":
            raise CatseyeError("--backend %s with a checkpoint" % backend, "a model file", "export it first")
        return _open_checkpoint(text, size_wh)
    if is_engine(text):
        return _open_engine_file(text, backend, provider, spin)
    model = load_model(text)
    engine = open_model_file(model, backend, provider, threads, spin)
    return OpenedModel(model.name, model.card, engine, model.golden, sha256_hex(model.data))


def open_model_file(model: ModelFile, backend: str = "auto", provider: str = "", threads: int = 0,
                    spin: bool = False) -> Engine:
    """The engine of a model file, its outputs in the types that the card declares."""
    declared = [TensorSpec(o["name"], tuple(o["shape"]), o["dtype"]) for o in model.card["outputs"]]
    return open_engine(model.data, model.name, backend, provider, threads, declared, spin)


def _open_engine_file(path: str, backend: str, provider: str, spin: bool) -> OpenedModel:
    if backend not in ("auto", "tensorrt") or provider:
        raise CatseyeError("%s with %s" % (path, provider or backend), "--backend tensorrt", "give it the .onnx file")
    # NVIDIA's package is wanted for engines only
    from catseye.runtime.engines.gated_build import opened_here

    engine_file = read_engine(path)
    engine = opened_here(engine_file, path, spin)
    return OpenedModel(engine_file.name, engine_file.card, engine, engine_file.golden, sha256_hex(engine_file.plan))


def _open_checkpoint(folder: str, size_wh: Optional[Tuple[int, int]]) -> OpenedModel:
    # torch is wanted for checkpoints only, and is not on the board
    try:
        from catseye.export.source import open_source_network
    except ImportError as error:
        raise CatseyeError("%s is a folder, and checkpoints cannot be opened here (%s)" % (folder, error),
                           "a model file", "export it on a machine with torch")

    card, engine = open_source_network(folder, size_wh)
    return OpenedModel(folder, card, engine, (), sha256_hex(read_bytes(os.path.join(folder, "model.pt"))))
