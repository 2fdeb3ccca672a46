"""The engine cache: `run road.onnx --backend tensorrt` finds the engine of this model on this
machine, or builds it.

Knows the folder, the lock, and that nothing is loaded which is not exactly what was built here for
this very key. Where the folder cannot be used the run goes on with an engine in memory. Files of
one engine:

    NAME-KEY.engine, NAME-KEY.engine.json   KEY = the first 16 digits of the key's hash
    NAME-KEY.rejected.engine, ....json      one that failed its golden frames; never loaded
    lock                                    held by the process that builds
"""

import fcntl
import glob
import logging
import os
from contextlib import contextmanager
from typing import IO, Iterator, List, NamedTuple, Optional

from catseye.runtime.engines.tensorrt.api import ForeignPlan
from catseye.runtime.engines.tensorrt.cache_folder import cache_folder, made_cache_folder
from catseye.runtime.engines.tensorrt.checked_build import Order, built_engine, opened, ordered
from catseye.runtime.engines.tensorrt.engine import TensorRTEngine
from catseye.runtime.engines.tensorrt.engine_file import (
    REJECTED,
    SUFFIX,
    EngineFile,
    check_passed,
    read_engine,
    read_key,
    rejected_path,
    side_file,
    write_engine,
)
from catseye.runtime.engines.tensorrt.engine_key import EngineKey, key_differences
from catseye.runtime.engines.tensorrt.recipe import BuildSettings
from catseye.runtime.errors import CatseyeError, CheckFailed
from catseye.runtime.model_file.load import ModelFile
from catseye.runtime.system.staging import remove_abandoned

KEY_DIGITS = 16
LOCK = "lock"

log = logging.getLogger("catseye")


class Entry(NamedTuple):
    """One engine in the cache. why: "" for one that can be used, else what is wrong with it.  key:
    None if damaged."""

    path: str
    name: str
    bytes: int
    key: Optional[EngineKey]
    why: str


def open_cached(
    model: ModelFile, settings: BuildSettings = BuildSettings(), spin: bool = False
) -> TensorRTEngine:
    """Open the engine of `model` on this machine, from the cache or built now; two that ask at once
    build once.

    Raises CatseyeError where it cannot be built, CheckFailed where it does not agree with its
    golden frames.
    """
    order = ordered(model, settings)
    remove_abandoned(cache_folder())
    path = os.path.join(
        cache_folder(), "%s-%s%s" % (model.name, order.key.digest()[:KEY_DIGITS], SUFFIX)
    )
    found = _found(path, order)
    if found is None:
        _say_relatives(path, order)
        return opened(_built_once(model, order, path), spin)
    try:
        return opened(found, spin)
    # all that the key knows is equal, and still TensorRT does not want it
    except ForeignPlan as error:
        log.warning("engine not used: %s", error)
        return opened(_built_once(model, order, path, refused=True), spin)


def _built_once(model: ModelFile, order: Order, path: str, refused: bool = False) -> EngineFile:
    """Build under the lock, unless another process did so meanwhile; `refused`: not the one that
    lies there now."""
    with _lock() as usable:
        if not usable:
            return _built(model, order, "")
        # the log has the reason already
        found = None if refused else _found(path, order, logging.DEBUG)
        if found is None:
            _check_not_rejected(path, order)
        return found or _built(model, order, path)


def _found(path: str, order: Order, level: int = logging.WARNING) -> Optional[EngineFile]:
    """The engine at `path` if it is whole and the one that is wanted; else None, and the log says
    why."""
    if not os.path.exists(path):
        return None
    try:
        engine = read_engine(path)
        check_passed(engine, path)
    except CatseyeError as error:
        log.log(level, "engine not used: %s", error)
        return None
    differences = key_differences(engine.key, order.key)
    if differences:
        log.log(level, "engine not used: %s is of %s", path, "; ".join(differences))
        return None
    return engine


def _check_not_rejected(path: str, order: Order) -> None:
    """Raise CheckFailed where this very engine was built before and failed: it would take minutes
    to fail again."""
    aside = rejected_path(path)
    try:
        engine = read_engine(aside) if os.path.exists(aside) else None
    except CatseyeError as error:
        log.warning("%s", error)
        return
    if engine is not None and engine.key == order.key:
        raise CheckFailed(
            described_breach(engine),
            "answers as its source gives them",
            "see %s; build with another --precision, or try again: catseye cache clear %s"
            % (side_file(aside), engine.name),
        )


def _say_relatives(path: str, order: Order) -> None:
    """Why an engine of the same model that is here does not do: after an upgrade, say."""
    stem = os.path.basename(path)[: -KEY_DIGITS - len(SUFFIX)]
    for entry in entries():
        is_relative = os.path.basename(entry.path).startswith(stem) and entry.path != path
        if is_relative and entry.key is not None and not entry.why:
            differences = "; ".join(key_differences(entry.key, order.key))
            log.info("engine not used: %s is of %s", entry.path, differences)


def _built(model: ModelFile, order: Order, path: str) -> EngineFile:
    """Build and keep it at `path` ("": in memory only)."""
    engine = built_engine(model, order)
    kept = _kept(engine, path) if path else ""
    if not engine.passed:
        raise CheckFailed(
            described_breach(engine),
            "answers as its source gives them",
            ("see %s; " % side_file(kept) if kept else "") + "build with another --precision",
        )
    return engine


def _kept(engine: EngineFile, path: str) -> str:
    """Where the engine that was to be `path` is now, "" where it cannot be written."""
    kept = path if engine.passed else rejected_path(path)
    try:
        write_engine(kept, engine)
    except CatseyeError as error:
        log.warning("the engine is not kept, and is built again next time: %s", error)
        return ""
    return kept


def described_breach(engine: EngineFile) -> str:
    """What an engine did to its golden frames, output by output."""
    breaches = [
        "%s: max_abs %.3g, mean_abs %.3g, agreement %.4f" % each[:4]
        for each in engine.differences
        if not each.ok
    ]
    return "the %s engine of %s does not agree with its golden frames (%s)" % (
        engine.key.precision,
        engine.name,
        "; ".join(breaches),
    )


@contextmanager
def _lock() -> Iterator[bool]:
    """Hold the cache for one build; False where it cannot be used at all.

    One lock for all models: two builds at once would share a board's memory, and spoil each other's
    timings. flock dies with its owner, however that ends.
    """
    try:
        stream = open(os.path.join(made_cache_folder(), LOCK), "a")
        _take(stream)
    except OSError as error:
        log.warning(
            "the engine cache cannot be used (%s): the engine stays in memory; set CATSEYE_CACHE to"
            " a folder that can be written",
            error,
        )
        yield False
        return
    with stream:
        yield True


def _take(stream: IO[str]) -> None:
    """Hold the lock, however long another process holds it."""
    try:
        # + is |, which vermin takes for a union of types
        fcntl.flock(stream, fcntl.LOCK_EX + fcntl.LOCK_NB)
    except BlockingIOError:
        log.info("another process is building an engine: waiting for it")
        fcntl.flock(stream, fcntl.LOCK_EX)


def entries() -> List[Entry]:
    """Every engine in the cache, by name; damaged and rejected ones too."""
    return [_entry(path) for path in _files("*" + SUFFIX)]


def _files(pattern: str) -> List[str]:
    return sorted(glob.glob(os.path.join(glob.escape(cache_folder()), pattern)))


def _entry(path: str) -> Entry:
    name = os.path.basename(path)
    name = name[: -len(REJECTED if name.endswith(REJECTED) else SUFFIX)].rpartition("-")[0]
    why, key = "", None
    try:
        key = read_key(path)
    except CatseyeError as error:
        why = str(error)
    if path.endswith(REJECTED):
        why = "failed its golden frames"
    return Entry(path, name, os.path.getsize(path), key, why)


def clear(name: str = "") -> List[str]:
    """Remove the engines of one model, or everything; the paths that are gone. Waits for a build to
    end. Raises CatseyeError where one cannot be removed."""
    if not os.path.isdir(cache_folder()):
        return []
    with _lock():
        abandoned = remove_abandoned(cache_folder())
        doomed = [entry.path for entry in entries() if name in ("", entry.name)]
        doomed += [] if name else _files("*.timing") + _files("*.code")
        try:
            for path in doomed + [side_file(path) for path in doomed]:
                if os.path.exists(path):
                    os.unlink(path)
        except OSError as error:
            raise CatseyeError(
                "cannot remove %s (%s)" % (path, error.strerror),
                "a cache of this user's own",
                "run it as the user who owns %s" % cache_folder(),
            )
        return doomed + abandoned
