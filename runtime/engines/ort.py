"""The engine that runs a model file with ONNX Runtime, on the CPU or on an NVIDIA GPU.

Knows providers, threads and ONNX Runtime's ways of failing. Knows nothing of frames. Named ort.py, as its users call
ONNX Runtime, so that it cannot be mistaken for the package.
"""
from typing import Any, Dict, List, Tuple

import numpy as np

from catseye.runtime.engines.base import Engine
from catseye.runtime.engines.cpu import cpu_name, usable_cores
from catseye.runtime.engines.cuda_driver import gpu_name
from catseye.runtime.engines.graph_io import GraphIO
from catseye.runtime.errors import CatseyeError

# Each provider with those that take over the operators it lacks.
PROVIDERS = {
    "cpu": ("CPUExecutionProvider",),
    "cuda": ("CUDAExecutionProvider", "CPUExecutionProvider"),
    "tensorrt": ("TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"),
}
ERRORS_ONLY = 3  # of ONNX Runtime's log levels


class OnnxRuntimeEngine(Engine):
    """A model file opened by ONNX Runtime (1.10 or later)."""

    backend = "onnxruntime"

    def __init__(self, model: bytes, name: str, graph: GraphIO, provider: str = "", threads: int = 0) -> None:
        """Open `model`, whose border is `graph`; `name` is what errors call it.

        provider: "cpu", "cuda", "tensorrt", or "" for CUDA where this onnxruntime can, else the CPU.  threads: 0 = all.
        Raises CatseyeError without onnxruntime, without the provider asked for, and on a model it refuses.
        """
        self.inputs, self.outputs, self.precision = graph
        self.threads = threads or usable_cores()
        self._session, self.provider = open_session(model, name, provider, self.threads)
        self.device = cpu_name() if self.provider == "cpu" else gpu_name()
        self._output_names = [spec.name for spec in self.outputs]

    def _run(self, arrays: Dict[str, np.ndarray]) -> Dict[str, np.ndarray]:
        # No IO binding: on the CPU it saves a copy of the mask, which is nothing beside the convolutions.
        feed = {spec.name: np.ascontiguousarray(arrays[spec.name], spec.dtype) for spec in self.inputs}
        return dict(zip(self._output_names, self._session.run(self._output_names, feed)))

    def close(self) -> None:
        super().close()
        self._session = None


def open_session(model: bytes, name: str, provider: str, threads: int) -> Tuple[Any, str]:
    """An InferenceSession, and the provider that it really runs on."""
    onnxruntime = import_onnxruntime()
    wanted = provider or _best_provider(onnxruntime)
    _demand(wanted, onnxruntime.get_available_providers())
    try:
        session = onnxruntime.InferenceSession(
            model, session_options(onnxruntime, threads), providers=list(PROVIDERS[wanted]))
    except Exception as error:  # its C++ errors share no base class below Exception
        raise CatseyeError("onnxruntime cannot open %s (%s)" % (name, error), mend="export the model again") from error
    if provider:
        _demand(provider, session.get_providers())  # a provider that fails to start is dropped without an error
    return session, _active_provider(session.get_providers())


def session_options(onnxruntime: Any, threads: int) -> Any:
    """Options for a small machine that does other things too."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = ERRORS_ONLY
    options.intra_op_num_threads = threads
    # By default idle workers spin for work. That gains little on a quiet server; on a board with four cores it takes
    # them from the camera, the encoder and the driver for as long as the program runs, and heats the chip.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def import_onnxruntime() -> Any:
    """The package; CatseyeError where it is missing or broken."""
    try:
        import onnxruntime
    except (ImportError, OSError) as error:
        raise CatseyeError("onnxruntime cannot be imported (%s)" % error, "a working onnxruntime",
                           "pip install onnxruntime, or choose another --backend") from error
    return onnxruntime


def _best_provider(onnxruntime: Any) -> str:
    return "cuda" if PROVIDERS["cuda"][0] in onnxruntime.get_available_providers() else "cpu"


def _active_provider(active: List[str]) -> str:
    """The name of the first active provider; one that this project has no name for stands for itself."""
    return next((name for name, chain in PROVIDERS.items() if chain[0] == active[0]), active[0])


def _demand(provider: str, present: List[str]) -> None:
    if PROVIDERS[provider][0] not in present:
        raise CatseyeError("onnxruntime offers %s" % ", ".join(present), "%s for --provider %s" % (
            PROVIDERS[provider][0], provider), "install onnxruntime-gpu and its CUDA, or use --provider cpu")
