"""The engine that runs a model file with ONNX Runtime, on the CPU or on an NVIDIA GPU.

Knows providers, threads, IO binding and ONNX Runtime's ways of failing. Knows nothing of frames.
"""

import logging
from types import ModuleType
from typing import Any, List, NamedTuple

import numpy as np

from catseye.runtime.engines.base import Engine
from catseye.runtime.engines.cpu import cpu_name, usable_cores
from catseye.runtime.engines.cuda.driver import gpu_name
from catseye.runtime.errors import BackendError, CatseyeError, ModelFileError
from catseye.runtime.model_file.installing import to_install
from catseye.runtime.model_file.load import ModelFile
from catseye.runtime.model_file.tensors import Arrays

# Each provider with those that take over the operators it lacks.
PROVIDERS = {
    "cpu": ("CPUExecutionProvider",),
    "cuda": ("CUDAExecutionProvider", "CPUExecutionProvider"),
    "tensorrt": ("TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"),
}
# of what it says about a file that is whole and asks for more than this onnxruntime has
LACKING = (
    "No Op registered for",
    "is not a registered function/op",
    "Unsupported model IR version",
    "is under development",
    "Could not find an implementation",
)
# of its log levels: what fails is raised too, and said in one line of ours
FATAL_ONLY = 4

Session = Any  # onnxruntime.InferenceSession: mypy sees nothing of the package
SessionOptions = Any  # onnxruntime.SessionOptions

log = logging.getLogger("catseye")


class Opened(NamedTuple):
    """A session, and the provider that it really runs on."""

    session: Session
    provider: str


class OnnxRuntimeEngine(Engine):
    """A model file opened by ONNX Runtime (1.10 or later)."""

    backend = "onnxruntime"

    def __init__(
        self, model: ModelFile, provider: str = "", *, threads: int = 0, spin: bool = False
    ) -> None:
        """Open a model file.

        provider: "cpu", "cuda", "tensorrt", or "" for CUDA where this onnxruntime can, else the
        CPU.  threads: 0 = all. spin: let idle threads spin for work.
        Raises BackendError without onnxruntime, without the provider asked for, and for a model
        that needs what this onnxruntime lacks; ModelFileError for one that it calls invalid.
        """
        self.inputs, self.outputs, self.precision = model.border
        self.version = import_onnxruntime().__version__
        self.threads = threads or usable_cores()
        self._session, self.provider = open_session(
            model.data, model.name, provider, threads=self.threads, spin=spin
        )
        self.device = cpu_name() if self.provider == "cpu" else gpu_name()
        self._binding = self._session.io_binding()
        # as the graph has them: `promise` may declare others for the answers
        self._given = self.outputs

    def _run(self, arrays: Arrays) -> Arrays:
        """Bind NumPy's own memory on both sides, so that nothing is copied on the CPU and each way
        once on a GPU."""
        feed = {
            spec.name: np.ascontiguousarray(arrays[spec.name], spec.dtype) for spec in self.inputs
        }
        answers = {spec.name: np.empty(spec.shape, spec.dtype) for spec in self._given}
        for name, array in feed.items():
            self._binding.bind_input(
                name, "cpu", 0, array.dtype.type, array.shape, array.ctypes.data
            )
        for name, array in answers.items():
            self._binding.bind_output(
                name, "cpu", 0, array.dtype.type, array.shape, array.ctypes.data
            )
        try:
            self._session.run_with_iobinding(self._binding)
        except Exception as error:  # its C++ errors share no base class below Exception
            raise BackendError(
                "onnxruntime cannot run the model on %s (%s)" % (self.provider, error),
                fix="use --provider cpu, or export the model again",
            ) from error
        return answers

    def close(self) -> None:
        super().close()
        self._session = self._binding = None


def open_session(
    graph: bytes,
    name: str,
    provider: str,
    *,
    threads: int,
    spin: bool = False,
    as_written: bool = False,
) -> Opened:
    """A session of an ONNX graph; a provider that nobody asked for and that does not start is told
    of. as_written: node by node, with no fusion. Raises BackendError and ModelFileError as
    OnnxRuntimeEngine does."""
    onnxruntime = import_onnxruntime()
    wanted = provider or _best_provider(onnxruntime)
    _demand(wanted, onnxruntime.get_available_providers())
    options = session_options(onnxruntime, threads, spin)
    if as_written:
        levels = onnxruntime.GraphOptimizationLevel
        options.graph_optimization_level = levels.ORT_DISABLE_ALL
    try:
        session = onnxruntime.InferenceSession(graph, options, providers=list(PROVIDERS[wanted]))
    except Exception as error:  # its C++ errors share no base class below Exception
        raise refusal(error, name) from error
    if provider:
        # a provider that fails to start is dropped without an error
        _demand(provider, session.get_providers())
    active = _active_provider(session.get_providers())
    if active != wanted:
        log.warning(
            "%s: onnxruntime offers %s and does not start it: it runs on %s; run catseye doctor",
            name,
            wanted,
            active,
        )
    return Opened(session, active)


def refusal(error: Exception, name: str) -> CatseyeError:
    """What a session that was not opened comes to: BackendError where this onnxruntime lacks what
    the model needs, ModelFileError where it calls the file invalid."""
    said = "onnxruntime cannot open %s (%s)" % (name, error)
    if type(error).__name__ == "NotImplemented" or any(word in str(error) for word in LACKING):
        return BackendError(said, fix="use another --backend, or a newer onnxruntime")
    return ModelFileError(said, fix="copy the model again, or export it again")


def session_options(onnxruntime: ModuleType, threads: int, spin: bool = False) -> SessionOptions:
    """Options for a small machine that does other things too, unless it is told to spin.

    threads: at least 1. With 0 onnxruntime pins its workers to cores, those outside `taskset` too.
    Denormals are left alone: to flush them is asked of a process's first session only, and changes
    NumPy in that thread.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = FATAL_ONLY
    options.intra_op_num_threads = threads
    # By default idle workers spin for work. That gains little on a quiet server; on a board with
    # four cores it takes them from the camera, the encoder and the driver for as long as the
    # program runs, and heats the chip.
    options.add_session_config_entry("session.intra_op.allow_spinning", "1" if spin else "0")
    return options


def import_onnxruntime() -> ModuleType:
    """The package. Raises BackendError where it is missing or broken."""
    try:
        import onnxruntime
    except (ImportError, OSError) as error:
        raise BackendError(
            "onnxruntime cannot be imported (%s)" % error,
            "a working onnxruntime",
            to_install("onnxruntime") + ", or choose another --backend",
        ) from error
    return onnxruntime


def _best_provider(onnxruntime: ModuleType) -> str:
    return "cuda" if PROVIDERS["cuda"][0] in onnxruntime.get_available_providers() else "cpu"


def _active_provider(active: List[str]) -> str:
    """The name of the first active provider; one that this project has no name for stands for
    itself."""
    return next((name for name, chain in PROVIDERS.items() if chain[0] == active[0]), active[0])


def _demand(provider: str, present: List[str]) -> None:
    if PROVIDERS[provider][0] not in present:
        raise BackendError(
            "onnxruntime offers %s" % ", ".join(present),
            "%s for --provider %s" % (PROVIDERS[provider][0], provider),
            "install onnxruntime-gpu and its CUDA, or use --provider cpu",
        )
