"""Engines: one model file, opened by one backend. `open_engine` is the door.

Knows which backends there are, which of them a file is for, and that only "auto" may fall back, never in silence. Knows
nothing of frames (an engine sees tensors) nor of the model card; imports a backend only when it is asked for.
"""
import importlib
import logging
from typing import Dict, Sequence

from catseye.runtime.engines.base import Engine, TensorSpec
from catseye.runtime.engines.graph_io import GraphIO, read_graph_io
from catseye.runtime.errors import CatseyeError

__all__ = ["BACKENDS", "PROVIDERS", "Engine", "TensorSpec", "available_backends", "open_engine"]

BACKENDS = ("auto", "tensorrt", "onnxruntime", "opencv")
PROVIDERS = ("cpu", "cuda", "tensorrt")  # of onnxruntime
ONNX_BACKENDS = ("onnxruntime", "opencv")  # in the order in which "auto" tries them
PACKAGES = {"tensorrt": "tensorrt", "onnxruntime": "onnxruntime", "opencv": "cv2"}
PLAN_SUFFIXES = (".engine", ".plan")

log = logging.getLogger("catseye")


def open_engine(model: bytes, name: str, backend: str = "auto", provider: str = "", threads: int = 0,
                outputs_hint: Sequence[TensorSpec] = ()) -> Engine:
    """Open a model file, given as bytes, for use in a `with` block.

    name: the file's name, for errors and to tell a TensorRT plan (.engine, .plan) from ONNX.  backend: one of BACKENDS.
    provider: one of PROVIDERS, for onnxruntime only.  threads: CPU threads, 0 = all cores.  outputs_hint: what the card
    declares; an output named there is returned in that dtype.
    "auto" is onnxruntime, then opencv; for a plan, tensorrt. Any other backend is used or refused, never replaced.
    Raises CatseyeError for an unusable file, and where the backend or provider asked for is missing.
    """
    check_choice(name, backend, provider)
    engine = _open_plan(model, name) if is_plan(name) else _open_onnx(model, name, backend, provider, threads)
    try:
        engine.promise(outputs_hint)
    except CatseyeError:
        engine.close()
        raise
    log.info("%s: %s on %s (%s, %s)", name, engine.backend, engine.provider, engine.device, engine.precision)
    return engine


def available_backends() -> Dict[str, str]:
    """Every backend with its version here, "" where it is missing or broken."""
    return {backend: _version(package) for backend, package in PACKAGES.items()}


def is_plan(name: str) -> bool:
    """Whether the file of this name is a TensorRT plan."""
    return name.endswith(PLAN_SUFFIXES)


def check_choice(name: str, backend: str, provider: str) -> None:
    """Raise CatseyeError where backend, provider and file do not go together."""
    if backend not in BACKENDS:
        raise CatseyeError("backend %r" % backend, " or ".join(BACKENDS))
    if provider and provider not in PROVIDERS:
        raise CatseyeError("provider %r" % provider, " or ".join(PROVIDERS))
    if is_plan(name) and backend not in ("auto", "tensorrt"):
        raise CatseyeError("backend %s for %s, a TensorRT plan" % (backend, name), "tensorrt", "give it the .onnx file")
    if provider and (is_plan(name) or backend not in ("auto", "onnxruntime")):
        raise CatseyeError("provider %s without onnxruntime" % provider, "--backend onnxruntime", "leave one out")


def _open_onnx(model: bytes, name: str, backend: str, provider: str, threads: int) -> Engine:
    if backend == "tensorrt":
        return _build_and_open(model, name)
    graph = read_graph_io(model, name)
    if backend != "auto":
        return _open_with(backend, model, name, graph, provider, threads)
    candidates = ("onnxruntime",) if provider else ONNX_BACKENDS  # a provider is onnxruntime's, and asked for
    return _open_first(candidates, model, name, graph, provider, threads)


def _open_first(candidates: Sequence[str], model: bytes, name: str, graph: GraphIO, provider: str,
                threads: int) -> Engine:
    """The first backend that opens the model; each that does not is a warning, all of them an error."""
    reasons = []
    for backend in candidates:
        try:
            return _open_with(backend, model, name, graph, provider, threads)
        except CatseyeError as error:
            reasons.append(str(error))
            log.warning("%s: not opened with %s: %s", name, backend, error)
    raise CatseyeError("no backend opens %s (%s)" % (name, "; ".join(reasons)), mend="run catseye doctor")


def _open_with(backend: str, model: bytes, name: str, graph: GraphIO, provider: str, threads: int) -> Engine:
    if backend == "onnxruntime":
        from catseye.runtime.engines.ort import OnnxRuntimeEngine
        return OnnxRuntimeEngine(model, name, graph, provider, threads)
    try:
        from catseye.runtime.engines.opencv import OpenCVEngine
    except ImportError as error:
        raise CatseyeError("OpenCV cannot be imported (%s)" % error, "a working cv2",
                           "install opencv-python-headless; on a board JetPack's own") from error
    return OpenCVEngine(model, name, graph, threads)


def _open_plan(plan: bytes, name: str, precision: str = "unknown") -> Engine:
    from catseye.runtime.engines.tensorrt import TensorRTEngine
    return TensorRTEngine(plan, name, precision)


def _build_and_open(model: bytes, name: str) -> Engine:
    from catseye.runtime.engines.tensorrt_builder import build_plan
    graph = read_graph_io(model, name)
    log.warning("%s: building a TensorRT engine, which takes minutes; keep it with: catseye build %s", name, name)
    return _open_plan(build_plan(model), name, graph.precision)


def _version(package: str) -> str:
    try:
        return str(importlib.import_module(package).__version__)
    except (ImportError, OSError, AttributeError):
        return ""
