"""The package `tensorrt` as this project uses it: imported with care, and its failures turned into
one line each.

Knows that TensorRT says why only to a logger, that pybind11 raises TypeError where NVIDIA's code
made nothing, and which mend belongs to which complaint. Knows neither plans nor how they are built.
"""

import logging
from typing import Any, List, Optional

from catseye.runtime.engines.cuda.driver import require_driver
from catseye.runtime.errors import BackendError

COMPLAINTS = ("WARNING", "ERROR", "INTERNAL_ERROR")
KEPT = 50  # newest complaints; a build on a DLA has one per layer

# What TensorRT's own words say of the mend, in the order they are looked for; all in lower case.
MENDS = (
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


def import_tensorrt() -> Any:
    """The package. Raises BackendError on a machine that cannot run it."""
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


def make_log(trt: Any) -> Any:
    """A trt.ILogger that passes all to logging and remembers the complaints, which the API itself
    never gives."""

    class Log(trt.ILogger):
        def __init__(self) -> None:
            trt.ILogger.__init__(self)  # pybind11 demands this very form
            self.complaints: List[str] = []
            self.errors: List[str] = []

        def log(self, severity: Any, message: str) -> None:
            logging.getLogger("catseye.tensorrt").debug("%s: %s", severity.name, message)
            if severity.name in COMPLAINTS:
                self.complaints = self.complaints[-KEPT:] + [message]
            if severity.name in COMPLAINTS[1:]:
                self.errors = self.errors[-KEPT:] + [message]

        def last(self) -> str:
            return self.errors[-1] if self.errors else "no reason given"

    return Log()


def mend_for(reason: str, otherwise: str) -> str:
    """What to do about TensorRT's `reason`."""
    return next((mend for words, mend in MENDS if words in reason.lower()), otherwise)


def deserialized(runtime: Any, plan: bytes, name: str, log: Any) -> Any:
    """The ICudaEngine in `plan`. Raises ForeignPlan where this TensorRT does not read it here."""
    engine = runtime.deserialize_cuda_engine(plan)
    if engine is None:
        raise ForeignPlan(
            "%s does not load here (%s)" % (name, log.last()),
            "a plan of this TensorRT and GPU",
            mend_for(log.last(), "build it again: catseye build MODEL.onnx"),
        )
    return engine


def started(kind: Any, log: Any) -> Any:
    """A trt.Runtime or trt.Builder; pybind11 says TypeError where NVIDIA's code could not make
    one, which raises BackendError here."""
    try:
        return kind(log)
    except TypeError as error:
        raise BackendError(
            "TensorRT does not start (%s)" % log.last(),
            "a GPU with free memory and a driver that fits this TensorRT",
            mend_for(log.last(), "run catseye doctor"),
        ) from error


def created(thing: Optional[Any], what: str, log: Any) -> Any:
    """`thing`. Raises BackendError where TensorRT answered None."""
    if thing is None:
        raise BackendError(
            "TensorRT cannot make %s (%s)" % (what, log.last()),
            mend=mend_for(log.last(), "close other programs, or use a smaller model"),
        )
    return thing
