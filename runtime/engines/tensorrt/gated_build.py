"""Model file -> engine that was asked its golden frames: built here, opened here, compared with its
source here.

Knows the order of things. Does not know where engines are kept: `catseye build` writes them where
it is told, cache.py keeps them by their key.
"""

import logging
from typing import Any, Dict, NamedTuple, Tuple

import numpy as np

from catseye.runtime.engines.base import TensorSpec
from catseye.runtime.engines.graph_io import read_graph_io
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
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.golden import Difference, bounds_from_card, check_golden
from catseye.runtime.model_file.load import ModelFile

log = logging.getLogger("catseye")


class Order(NamedTuple):
    """An engine that is wanted: how it is to be built, on which machine, and the key that says
    both."""

    recipe: Recipe
    machine: Machine
    key: EngineKey


def ordered(model: ModelFile, settings: BuildSettings) -> Order:
    """What `settings` come to for this model on this machine; CatseyeError where they cannot be
    had."""
    trt = import_tensorrt()
    graph = read_graph_io(model.data, model.name)
    recipe = recipe_for(trt, graph.precision, settings, ranges_from_card(model.card))
    machine = machine_here(trt)
    return Order(recipe, machine, engine_key(model.data, graph, machine, recipe))


def ranges_from_card(card: Dict[str, Any]) -> Dict[str, float]:
    """{tensor: largest magnitude} that calibration found, {} where there was none; CatseyeError
    where damaged."""
    ranges = card["calibration"].get("amax") if isinstance(card.get("calibration"), dict) else {}
    if not isinstance(ranges, dict) or not all(
        type(high) in (int, float) and high >= 0 for high in ranges.values()
    ):
        raise CatseyeError(
            "the ranges in the card of %s are damaged" % card["name"],
            "a number for each tensor",
            "export it again with --calibrate",
        )
    return ranges


def built_engine(model: ModelFile, order: Order) -> EngineFile:
    """Build and check; the engine says itself whether it passed. Takes minutes on a board."""
    if not model.golden:
        raise CatseyeError(
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
        model.name,
        built.plan,
        order.key,
        dict(model.card, precision=order.recipe.precision),
        model.golden,
        (),
        round(built.seconds, 1),
        tuple(built.fallbacks),
    )
    return engine._replace(gate=golden_differences(engine))


def golden_differences(engine: EngineFile) -> Tuple[Difference, ...]:
    """How far its answers to the golden frames are from those of the network that the model file
    came from."""
    with opened(engine) as running:
        return tuple(check_golden(running.infer, engine.golden, bounds_from_card(engine.card)))


def opened(engine: EngineFile, spin: bool = False) -> TensorRTEngine:
    """The engine of an engine file, its answers in the types that the card declares."""
    declared = [
        TensorSpec(each["name"], tuple(each["shape"]), np.dtype(each["dtype"]))
        for each in engine.card["outputs"]
    ]
    running = TensorRTEngine(engine.plan, engine.name, engine.key.precision, engine.dla_core, spin)
    try:
        running.promise(declared)
    except CatseyeError:
        running.close()
        raise
    return running


def opened_here(engine: EngineFile, path: str, spin: bool = False) -> TensorRTEngine:
    """The engine that a user named; CatseyeError where it failed its golden frames or is of another
    machine."""
    check_passed(engine, path)
    differences = machine_differences(engine.key, machine_here(import_tensorrt()))
    if differences:
        raise CatseyeError(
            "%s is of %s" % (path, "; ".join(differences)), "an engine of this machine", BUILD_AGAIN
        )
    return opened(engine, spin)
