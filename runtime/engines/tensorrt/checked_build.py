"""Model file -> engine that was asked its golden frames: built here, opened here, compared with its
source here.

Knows the order of things. Does not know where engines are kept: `catseye build` writes them where
it is told, cache.py keeps them by their key.
"""

import logging
from typing import NamedTuple, Tuple

from catseye.runtime.engines.tensorrt.api import import_tensorrt
from catseye.runtime.engines.tensorrt.builder import build_plan
from catseye.runtime.engines.tensorrt.engine import TensorRTEngine
from catseye.runtime.engines.tensorrt.engine_file import BUILD_AGAIN, EngineFile, check_passed
from catseye.runtime.engines.tensorrt.engine_key import (
    EngineKey,
    Machine,
    engine_key,
    machine_differences,
    machine_here,
)
from catseye.runtime.engines.tensorrt.recipe import BuildSettings, Recipe, recipe_for
from catseye.runtime.engines.tensorrt.timing_cache import load_timings, save_timings
from catseye.runtime.errors import CatseyeError, ModelFileError
from catseye.runtime.model_file.golden import Difference, check_golden
from catseye.runtime.model_file.load import ModelFile
from catseye.runtime.system.files import sha256_hex
from catseye.runtime.tasks import bounds_of

log = logging.getLogger("catseye")


class Order(NamedTuple):
    """An engine that is wanted: how it is to be built, on which machine, and the key that says
    both."""

    recipe: Recipe
    machine: Machine
    key: EngineKey


def ordered(model: ModelFile, settings: BuildSettings) -> Order:
    """What `settings` come to for this model on this machine. Raises BackendError without TensorRT,
    CatseyeError where they cannot be had."""
    trt = import_tensorrt()
    calibration = model.card.calibration
    ranges = {} if calibration is None else calibration.amax
    recipe = recipe_for(trt, model.border.precision, settings, ranges)
    machine = machine_here(trt)
    return Order(recipe, machine, engine_key(model, machine, recipe))


def built_engine(model: ModelFile, order: Order) -> EngineFile:
    """Build and check; the engine says itself whether it passed. Takes minutes on a board.

    Raises ModelFileError where the model has no golden frames, BackendError where it cannot be
    built.
    """
    if not model.golden:
        raise ModelFileError(
            "%s carries no golden frames" % model.name, "a model file", "export it again"
        )
    log.info(
        "%s: building a TensorRT %s engine in %s for %s, which takes minutes on a board",
        model.name,
        order.machine.tensorrt,
        order.recipe.precision,
        order.machine.board,
    )
    built = build_plan(model.data, order.recipe, model.name, load_timings(order.machine))
    save_timings(order.machine, built.timings)
    engine = EngineFile(
        name=model.name,
        plan=built.plan,
        plan_sha256=sha256_hex(built.plan),
        key=order.key,
        card=model.card._replace(precision=order.recipe.precision),
        golden=tuple(model.golden),
        differences=(),
        seconds=round(built.seconds, 1),
        fallbacks=tuple(built.fallbacks),
    )
    return engine._replace(differences=golden_differences(engine))


def golden_differences(engine: EngineFile) -> Tuple[Difference, ...]:
    """How far its answers to the golden frames are from those of the network that the model file
    came from."""
    with opened(engine) as running:
        return tuple(check_golden(running.infer, engine.golden, bounds_of(engine.card)))


def opened(engine: EngineFile, spin: bool = False) -> TensorRTEngine:
    """The engine of an engine file, its answers in the types that the card declares."""
    running = TensorRTEngine(
        engine.plan,
        engine.name,
        precision=engine.key.precision,
        dla_core=engine.dla_core,
        spin=spin,
    )
    try:
        running.promise(engine.card.outputs)
    except CatseyeError:
        running.close()
        raise
    return running


def opened_here(engine: EngineFile, path: str, spin: bool = False) -> TensorRTEngine:
    """The engine that a user named. Raises ModelFileError where it failed its golden frames or is
    of another machine."""
    check_passed(engine, path)
    differences = machine_differences(engine.key, machine_here(import_tensorrt()))
    if differences:
        raise ModelFileError(
            "%s is of %s" % (path, "; ".join(differences)), "an engine of this machine", BUILD_AGAIN
        )
    return opened(engine, spin)
