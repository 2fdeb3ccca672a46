"""`run --batch`: the frames of two cameras that wait together in one call of an engine.

Knows a second engine of the same model, made for two frames and held against its golden frames;
not whose frames they are. On a processor it gains nothing (docs/benchmarks.md).
"""

from typing import Tuple

from catseye.runtime.closing import Closing
from catseye.runtime.engines import Engine, open_engine
from catseye.runtime.errors import BackendError, CatseyeError
from catseye.runtime.model_file.golden import check_golden
from catseye.runtime.model_file.load import ModelFile
from catseye.runtime.model_file.pair import joined, paired, parted
from catseye.runtime.model_file.tensors import Arrays
from catseye.runtime.tasks import bounds_of


class Batch(Closing):
    """An engine that takes two frames at once, in a `with` block."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def infer(self, one: Arrays, other: Arrays) -> Tuple[Arrays, Arrays]:
        """The answers for each of two frames, as two calls would give them."""
        return parted(self._engine.infer(joined(one, other)))

    def close(self) -> None:
        self._engine.close()


def open_batch(model: ModelFile, like: Engine, spin: bool = False) -> Batch:
    """A batch of `model` on the backend of `like`, which is open with it. Raises CatseyeError where
    its nodes do not take two frames, or answer otherwise."""
    pair = paired(model)
    provider = like.provider if like.backend == "onnxruntime" else ""
    try:
        engine = open_engine(pair, like.backend, provider, threads=like.threads, spin=spin)
    except CatseyeError as error:
        raise _no_batches(model, str(error)) from error
    try:
        differences = check_golden(engine.infer, pair.golden, bounds_of(model.card))
    except CatseyeError as error:
        engine.close()
        raise _no_batches(model, str(error)) from error
    if not all(difference.ok for difference in differences):
        engine.close()
        raise _no_batches(model, "other answers than one by one")
    return Batch(engine)


def _no_batches(model: ModelFile, why: str) -> BackendError:
    return BackendError(
        "%s does not take two frames in one call (%s)" % (model.name, why),
        "a graph whose nodes do",
        "leave --batch out: cameras take turns then",
    )
