"""The package `tensorrt` as this project uses it: imported with care, and its failures turned into
one line each.

Knows that TensorRT says why only to a logger, that pybind11 raises TypeError where NVIDIA's code
made nothing, and which fix belongs to which complaint. Knows neither plans nor how they are built.
"""

import logging
from typing import Any, Callable, List, Optional, TypeVar

from catseye.runtime.engines.cuda.driver import require_driver
from catseye.runtime.errors import BackendError

# The package and what it makes. Its types differ from one release to the next, and most machines
# have none of them, so mypy sees nothing of these.
TensorRT = Any
Severity = Any  # trt.ILogger.Severity
Builder = Any  # trt.Builder
BuilderConfig = Any  # trt.IBuilderConfig
Network = Any  # trt.INetworkDefinition
Layer = Any  # trt.ILayer
Runtime = Any  # trt.Runtime
CudaEngine = Any  # trt.ICudaEngine
Context = Any  # trt.IExecutionContext

Made = TypeVar("Made")

COMPLAINTS = ("WARNING", "ERROR", "INTERNAL_ERROR")
KEPT = 50  # newest complaints; a build on a DLA has one per layer

# What TensorRT's own words say of a remedy, in the order they are looked for; all in lower case.
FIXES = (
    ("out of memory", "close other programs, or give it less --workspace"),
    ("insufficient memory", "close other programs, or give it more or less --workspace"),
    ("could not be allocated", "close other programs, or give it less --workspace"),
    ("could not find any implementation", "give it more --workspace, or another --precision"),
    ("version tag does not match", "build it again: catseye build MODEL.onnx"),
    ("not compatible", "build it again: catseye build MODEL.onnx"),
    ("different compute capability", "build it again on this GPU: catseye build MODEL.onnx"),
    ("platform specific tag mismatch", "build it again on this machine: catseye build MODEL.onnx"),
    ("cuda initialization failure", "run catseye doctor: the driver may not fit this TensorRT"),
    ("dla", "build it without --dla"),
)


class ForeignPlan(BackendError):
    """A plan that this TensorRT does not read on this GPU."""


class Log:
    """What TensorRT said to its logger: the complaints, which the API itself never gives.

    complaints: the newest, warnings included.  errors: those of them that are none.
    """

    def __init__(self) -> None:
        self.complaints: List[str] = []
        self.errors: List[str] = []

    def add(self, severity: str, message: str) -> None:
        """Pass a message on to logging, and keep it where it is a complaint. severity: the name of
        a trt.ILogger.Severity."""
        logging.getLogger("catseye.tensorrt").debug("%s: %s", severity, message)
        if severity in COMPLAINTS:
            self.complaints = self.complaints[-KEPT:] + [message]
        if severity in COMPLAINTS[1:]:
            self.errors = self.errors[-KEPT:] + [message]

    def last(self) -> str:
        """The newest error."""
        return self.errors[-1] if self.errors else "no reason given"


def import_tensorrt() -> TensorRT:
    """The package, on a machine that can run it. Raises BackendError else."""
    try:
        import tensorrt
    except (ImportError, OSError) as error:
        raise BackendError(
            "tensorrt cannot be imported (%s)" % error,
            "NVIDIA's tensorrt package",
            "on a board install JetPack's python3-libnvinfer; or use --backend onnxruntime",
        ) from None
    require_driver()
    return tensorrt


def make_log(trt: TensorRT) -> Log:
    """A Log that is a trt.ILogger too."""

    class TensorRTLog(trt.ILogger, Log):
        def __init__(self) -> None:
            trt.ILogger.__init__(self)  # pybind11 demands this very form
            Log.__init__(self)

        def log(self, severity: Severity, message: str) -> None:
            self.add(severity.name, message)

    return TensorRTLog()


def fix_for(reason: str, otherwise: str) -> str:
    """What to do about TensorRT's `reason`."""
    return next((fix for words, fix in FIXES if words in reason.lower()), otherwise)


def deserialized(runtime: Runtime, plan: bytes, name: str, log: Log) -> CudaEngine:
    """The engine in `plan`; `name` is what errors call it. Raises ForeignPlan for one that this
    TensorRT does not read."""
    engine = runtime.deserialize_cuda_engine(plan)
    if engine is None:
        raise ForeignPlan(
            "%s does not load here (%s)" % (name, log.last()),
            "a plan of this TensorRT and GPU",
            fix_for(log.last(), "build it again: catseye build MODEL.onnx"),
        )
    return engine


def started(kind: Callable[[Log], Made], log: Log) -> Made:
    """A trt.Runtime or trt.Builder. Raises BackendError where NVIDIA's code could not make one,
    which pybind11 calls a TypeError."""
    try:
        return kind(log)
    except TypeError as error:
        raise BackendError(
            "TensorRT does not start (%s)" % log.last(),
            "a GPU with free memory and a driver that fits this TensorRT",
            fix_for(log.last(), "run catseye doctor"),
        ) from error


def created(thing: Optional[Made], what: str, log: Log) -> Made:
    """`thing`. Raises BackendError where TensorRT answered None."""
    if thing is None:
        raise BackendError(
            "TensorRT cannot make %s (%s)" % (what, log.last()),
            fix=fix_for(log.last(), "close other programs, or use a smaller model"),
        )
    return thing
