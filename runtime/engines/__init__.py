"""Engines: one model file, opened by one backend. `open_engine` is the door.

Knows which backends there are, and that only "auto" may fall back, never in silence. Knows nothing
of frames (an engine sees tensors); imports a backend only when it is asked for. An engine that lies
on disk is read by tensorrt/engine_file.py and opened by tensorrt/checked_build.py.
"""

import importlib
import importlib.util
import logging
from typing import Dict, Sequence, Set, Tuple

from catseye.runtime.engines.base import Engine
from catseye.runtime.engines.cpu import is_board
from catseye.runtime.errors import BackendError, CatseyeError, CheckFailed
from catseye.runtime.model_file.installing import to_install
from catseye.runtime.model_file.load import ModelFile

__all__ = [
    "BACKENDS",
    "MOST_THREADS",
    "PROVIDERS",
    "Engine",
    "available_backends",
    "check_threads",
    "open_engine",
]

BACKENDS = ("auto", "tensorrt", "onnxruntime", "opencv")
PROVIDERS = ("cpu", "cuda", "tensorrt")  # of onnxruntime
MOST_THREADS = 1024  # far more than cores; a system has none left for anybody long before 10^9
CPU_BACKENDS = ("onnxruntime", "opencv")  # in the order in which "auto" tries them
PACKAGES = {"tensorrt": "tensorrt", "onnxruntime": "onnxruntime", "opencv": "cv2"}

log = logging.getLogger("catseye")
_told: Set[Tuple[str, ...]] = set()  # what has been said of engines


def open_engine(
    model: ModelFile,
    backend: str = "auto",
    provider: str = "",
    *,
    threads: int = 0,
    spin: bool = False,
) -> Engine:
    """Open a model file for use in a `with` block, its outputs in the types that the card declares.

    backend: one of BACKENDS.  provider: one of PROVIDERS, for onnxruntime only.  threads: CPU
    threads, 0 = all cores, at most MOST_THREADS.  spin: wait for results on busy cores, which hear
    of them sooner.
    "auto" is onnxruntime, then opencv; on a board that has TensorRT, tensorrt first. The next one
    is tried where a backend is missing or lacks something that the model needs, never where it
    calls the file invalid. Any other backend is used or refused, never replaced. TensorRT's engine
    comes from the cache, or is built and checked, which takes minutes.
    Raises CatseyeError for what no engine can be asked, ModelFileError for an unusable file,
    BackendError where the backend or provider asked for is missing or cannot run it.
    """
    check_choice(backend, provider)
    check_threads(threads)
    engine = _opened(model, backend, provider, threads, spin)
    try:
        engine.promise(model.card.outputs)
    except CatseyeError:
        engine.close()
        raise
    words = model.name, engine.backend, engine.provider, engine.device, engine.precision
    # a check opens one model several times
    log.log(logging.DEBUG if words in _told else logging.INFO, "%s: %s on %s (%s, %s)", *words)
    _told.add(words)
    return engine


def available_backends() -> Dict[str, str]:
    """Every backend with its version here, "" where it is missing or broken."""
    return {backend: _version(package) for backend, package in PACKAGES.items()}


def check_choice(backend: str, provider: str) -> None:
    """Raise CatseyeError where backend and provider do not go together."""
    if backend not in BACKENDS:
        raise CatseyeError("backend %r" % backend, " or ".join(BACKENDS))
    if provider and provider not in PROVIDERS:
        raise CatseyeError("provider %r" % provider, " or ".join(PROVIDERS))
    if provider and backend not in ("auto", "onnxruntime"):
        raise CatseyeError(
            "provider %s without onnxruntime" % provider, "--backend onnxruntime", "leave one out"
        )


def check_threads(threads: object) -> None:
    """Raise CatseyeError where this is no number of CPU threads."""
    whole = isinstance(threads, int) and not isinstance(threads, bool)
    if not (whole and 0 <= threads <= MOST_THREADS):  # type: ignore[operator]
        raise CatseyeError(
            "threads=%r" % (threads,), "a whole number from 0 to %d" % MOST_THREADS, "0 takes all"
        )


def _opened(model: ModelFile, backend: str, provider: str, threads: int, spin: bool) -> Engine:
    if provider:  # it is onnxruntime's, and asked for
        return _open_with("onnxruntime", model, provider, threads, spin)
    if backend != "auto":
        return _open_with(backend, model, provider, threads, spin)
    reasons: Dict[str, str] = {}
    for candidate in _candidates():
        log.debug("%s: %s is tried", model.name, candidate)
        try:
            engine = _open_with(candidate, model, provider, threads, spin)
        except (BackendError, CheckFailed) as error:
            reasons[candidate] = str(error)
            continue
        for refused, reason in reasons.items():
            log.warning("%s: not opened with %s: %s", model.name, refused, reason)
        return engine
    # with all reasons in its one line
    raise BackendError(
        "no backend opens %s (%s)" % (model.name, "; ".join(reasons.values())),
        fix="run catseye doctor",
    )


def _candidates() -> Sequence[str]:
    """What "auto" tries, in this order."""
    if is_board() and _installed(PACKAGES["tensorrt"]):
        return ("tensorrt",) + CPU_BACKENDS
    return CPU_BACKENDS


def _open_with(backend: str, model: ModelFile, provider: str, threads: int, spin: bool) -> Engine:
    if backend == "tensorrt":
        from catseye.runtime.engines.tensorrt.cache import open_cached

        return open_cached(model, spin=spin)
    if backend == "onnxruntime":
        from catseye.runtime.engines.onnxruntime import OnnxRuntimeEngine

        return OnnxRuntimeEngine(model, provider, threads=threads, spin=spin)
    try:
        from catseye.runtime.engines.opencv import OpenCVEngine
    except ImportError as error:
        raise BackendError(
            "OpenCV cannot be imported (%s)" % error,
            "a working cv2",
            to_install("opencv-python-headless", "python3-opencv"),
        ) from error
    return OpenCVEngine(model, threads)


def _installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ValueError:  # a module that was put into sys.modules by hand, without a spec
        return True


def _version(package: str) -> str:
    try:
        return str(importlib.import_module(package).__version__)
    except (ImportError, OSError, AttributeError):
        return ""
