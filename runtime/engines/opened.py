"""A model with the engine that runs it: from a model file, the one in this .pyz, a zoo name or a
TensorRT engine.

Knows files and backends; checkpoints want torch and are the command line's business
(catseye/opening.py).
"""

from typing import NamedTuple, Optional, Sequence

from catseye.runtime.engines import Engine, open_engine
from catseye.runtime.engines.base import PLAN_SUFFIX
from catseye.runtime.engines.computed_by import About, ComputedBy
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.card import Card
from catseye.runtime.model_file.golden import GoldenCase
from catseye.runtime.model_file.load import ModelFile, load_model


class OpenedModel(NamedTuple):
    """A model with the engine that runs it. sha256 tells two names of one model apart from two
    models.  file: what was opened; None for an engine and a checkpoint.
    """

    name: str
    card: Card
    engine: Engine
    golden: Sequence[GoldenCase]
    sha256: str
    file: Optional[ModelFile] = None

    @property
    def computed_by(self) -> ComputedBy:
        """What computes: to be told beside every speed."""
        engine = self.engine
        return ComputedBy(
            model=self.name,
            backend=engine.backend,
            provider=engine.provider,
            device=engine.device,
            precision=engine.precision,
            threads=engine.threads,
            backend_version=engine.version,
        )

    @property
    def about(self) -> About:
        """What Sink.begin wants to know."""
        return About(self.computed_by, self.sha256, self.card)


def open_file(
    text: str, backend: str = "auto", provider: str = "", *, threads: int = 0, spin: bool = False
) -> OpenedModel:
    """Open a model file with a backend, or an engine with TensorRT. text: path or zoo name, ""
    inside a .pyz.

    spin: wait for results on busy cores. Raises ModelFileError for what cannot be read, and
    BackendError for what cannot be run here.
    """
    if text.endswith(PLAN_SUFFIX):
        return _open_engine_file(text, backend, provider, spin)
    model = load_model(text)
    engine = open_engine(model, backend, provider, threads=threads, spin=spin)
    return OpenedModel(model.name, model.card, engine, model.golden, model.sha256, model)


def _open_engine_file(path: str, backend: str, provider: str, spin: bool) -> OpenedModel:
    if backend not in ("auto", "tensorrt") or provider:
        raise CatseyeError(
            "%s with %s" % (path, provider or backend),
            "--backend tensorrt",
            "give it the .onnx file",
        )
    # NVIDIA's package is wanted for engines only
    from catseye.runtime.engines.tensorrt.checked_build import opened_here
    from catseye.runtime.engines.tensorrt.engine_file import read_engine

    engine_file = read_engine(path)
    engine = opened_here(engine_file, path, spin)
    return OpenedModel(
        engine_file.name, engine_file.card, engine, engine_file.golden, engine_file.plan_sha256
    )
