"""What every engine is: named arrays in, named arrays out.

Knows how a call is checked at the border and how answers get the type that was promised. Knows
nothing of frames, and nothing of any backend: onnxruntime.py, opencv.py and tensorrt/engine.py each
fill in `_run`.
"""

import abc
from typing import Sequence, Tuple

import numpy as np

from catseye.runtime.closing import Closing
from catseye.runtime.errors import BackendError, CatseyeError, ModelFileError
from catseye.runtime.model_file.tensors import Arrays, TensorSpec, described

PLAN_SUFFIX = ".engine"  # of TensorRT's plan on disk


class Engine(Closing, abc.ABC):
    """A model opened by one backend. Open it with `open_engine`, use it in a `with` block.

    backend: "tensorrt", "onnxruntime" or "opencv".  version: of that package.  provider: what it
    computes with, "cpu", "cuda" or "tensorrt".  device: the chip or board in words.  precision:
    "fp32", "fp16", "int8", or "unknown" where the file does not tell.  threads: CPU threads it
    computes with, 0 where the CPU only waits.  inputs, outputs: what `infer` takes and gives.
    """

    backend = ""
    version = ""
    provider = "cpu"
    device = ""
    precision = "unknown"
    threads = 0
    inputs: Tuple[TensorSpec, ...] = ()
    outputs: Tuple[TensorSpec, ...] = ()
    _open = True

    def infer(self, arrays: Arrays) -> Arrays:
        """Run the model once on every input by name; the answers are the caller's own and outlive
        the next call.

        An input may come in a narrower type than the graph's (uint8 pixels for a float32 input):
        the engine widens it. Raises CatseyeError where a name, a shape or a dtype does not fit
        `inputs`, and where the backend fails.
        """
        if not self._open:
            raise CatseyeError(
                "infer() on an engine that is closed", fix="call it inside the engine's with block"
            )
        check_arrays(arrays, self.inputs)
        answers = self._run(arrays)
        return {spec.name: fitted(answers[spec.name], spec) for spec in self.outputs}

    @abc.abstractmethod
    def _run(self, arrays: Arrays) -> Arrays:
        """Run on arrays that have been checked; every output by name, still in the backend's own
        type."""

    def promise(self, declared: Sequence[TensorSpec]) -> None:
        """Give the outputs the dtypes that somebody else, a model card, declares. Raises
        ModelFileError where their shapes do not agree."""
        by_name = {spec.name: spec for spec in declared}
        for spec in self.outputs:
            if spec.name in by_name and by_name[spec.name].shape != spec.shape:
                raise ModelFileError(
                    "the model's output %s" % described(spec),
                    "%s as declared" % described(by_name[spec.name]),
                    "export the model again",
                )
        self.outputs = tuple(by_name.get(spec.name, spec) for spec in self.outputs)

    def close(self) -> None:
        """Give back what the engine holds; a second call does nothing."""
        self._open = False


def check_arrays(arrays: Arrays, specs: Sequence[TensorSpec]) -> None:
    """Raise CatseyeError unless `arrays` has exactly the names, shapes and (or narrower) dtypes of
    `specs`."""
    names = [spec.name for spec in specs]
    if set(arrays) != set(names):
        raise CatseyeError("inputs named %s" % ", ".join(sorted(arrays)), ", ".join(sorted(names)))
    for spec in specs:
        array = arrays[spec.name]
        fits = array.dtype == spec.dtype or np.can_cast(array.dtype, spec.dtype, "safe")
        if array.shape != spec.shape or not fits:
            raise CatseyeError(
                "input %s" % described(TensorSpec(spec.name, array.shape, array.dtype)),
                described(spec),
            )


def fitted(array: np.ndarray, spec: TensorSpec) -> np.ndarray:
    """`array` in the promised dtype and shape: backends drop leading ones, or answer float32 where
    uint8 is meant. Raises BackendError where it has another number of elements."""
    if array.shape == spec.shape and array.dtype == spec.dtype:
        return array
    if array.size != int(np.prod(spec.shape)):
        raise BackendError(
            "output %s" % described(TensorSpec(spec.name, array.shape, array.dtype)),
            described(spec),
        )
    return array.astype(spec.dtype, copy=False).reshape(spec.shape)
