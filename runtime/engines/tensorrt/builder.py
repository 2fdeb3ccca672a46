"""ONNX -> TensorRT plan, on the machine that will run it: a plan only loads on the GPU and release
that built it.

Knows the builder's API from 8.2 to 11, told apart by hasattr. Does not know where plans are kept,
nor whether this one answers rightly: checked_build.py asks the golden frames.
"""

import logging
from typing import Dict, List, NamedTuple

from catseye.runtime.engines.tensorrt.api import (
    Builder,
    BuilderConfig,
    Log,
    Network,
    TensorRT,
    created,
    fix_for,
    import_tensorrt,
    make_log,
    started,
)
from catseye.runtime.engines.tensorrt.build_progress import BuildProgress
from catseye.runtime.engines.tensorrt.dla import Fallback, check_core, layers_of, place_on_dla
from catseye.runtime.engines.tensorrt.recipe import Recipe
from catseye.runtime.errors import BackendError
from catseye.runtime.system.signals import ended_at_once

MEGABYTE = 1 << 20

log = logging.getLogger("catseye")


class BuiltPlan(NamedTuple):
    """A plan, how long it took, what a DLA did not take, and what TensorRT measured of kernels, for
    the next build."""

    plan: bytes
    seconds: float
    fallbacks: List[Fallback]
    timings: bytes


def build_plan(onnx: bytes, recipe: Recipe, name: str = "model", timings: bytes = b"") -> BuiltPlan:
    """Build the plan of a model file with static shapes; takes minutes on a board.

    timings: of an earlier build on this machine; it shortens this one.
    Raises BackendError without TensorRT, driver or DLA, where the model does not parse, and where
    the build fails.
    """
    trt = import_tensorrt()
    said = make_log(trt)
    builder = started(trt.Builder, said)
    network = created(builder.create_network(network_flags(trt, recipe)), "a network", said)
    parse(trt, network, onnx, said)
    config = configured(trt, builder, recipe)
    if recipe.keeps_float:
        keep_float_layers(trt, network)
    if recipe.ranges:
        set_ranges(network, dict(recipe.ranges))
    fallbacks: List[Fallback] = []
    if recipe.dla_core is not None:
        check_core(trt, builder, recipe.dla_core)
        fallbacks = place_on_dla(trt, config, network, recipe.dla_core, said)
    use_timings(config, timings, said)
    with ended_at_once(), BuildProgress(name) as progress:
        progress.attach(trt, config)
        plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise BackendError(
            "TensorRT cannot build %s (%s)" % (name, said.last()),
            fix=fix_for(said.last(), "give it less or more --workspace, and close other programs"),
        )
    return BuiltPlan(
        bytes(plan), progress.seconds, fallbacks, bytes(config.get_timing_cache().serialize())
    )


def parse(trt: TensorRT, network: Network, onnx: bytes, said: Log) -> None:
    """Fill `network` from a model file. Raises BackendError with everything that the parser has to
    say."""
    parser = trt.OnnxParser(network, said)
    if not parser.parse(onnx):
        errors = [parser.get_error(index).desc() for index in range(parser.num_errors)]
        raise BackendError(
            "TensorRT cannot read the model (%s)" % ("; ".join(errors) or said.last()),
            "layers and types that TensorRT %s has" % trt.__version__,
            "export with --target for this JetPack",
        )


def configured(trt: TensorRT, builder: Builder, recipe: Recipe) -> BuilderConfig:
    """A builder configuration as the recipe has it."""
    config = builder.create_builder_config()
    if hasattr(config, "set_memory_pool_limit"):  # from 8.4 on
        config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, recipe.workspace_mb * MEGABYTE)
    else:
        config.max_workspace_size = recipe.workspace_mb * MEGABYTE
    for flag in recipe.flags:
        config.set_flag(getattr(trt.BuilderFlag, flag))
    for flag in recipe.cleared:
        config.clear_flag(getattr(trt.BuilderFlag, flag))
    return config


def network_flags(trt: TensorRT, recipe: Recipe) -> int:
    """The bits of the recipe's network flags."""
    return sum(
        1 << int(getattr(trt.NetworkDefinitionCreationFlag, flag)) for flag in recipe.network_flags
    )


def keep_float_layers(trt: TensorRT, network: Network) -> None:
    """Ask for float where a half precision model file kept a layer in float, lest it overflow."""
    for layer in layers_of(network):
        ends = [layer.get_input(i) for i in range(layer.num_inputs)] + [layer.get_output(0)]
        if all(tensor is not None and tensor.dtype == trt.DataType.FLOAT for tensor in ends):
            layer.precision = trt.DataType.FLOAT


def set_ranges(network: Network, ranges: Dict[str, float]) -> None:
    """Give every tensor its INT8 range, symmetric around zero; one without stays in half
    precision."""
    tensors = [network.get_input(index) for index in range(network.num_inputs)]
    tensors += [
        layer.get_output(index)
        for layer in layers_of(network)
        for index in range(layer.num_outputs)
    ]
    for tensor in tensors:
        if tensor.name in ranges:
            high = float(ranges[tensor.name])
            tensor.set_dynamic_range(-high, high)


def use_timings(config: BuilderConfig, timings: bytes, said: Log) -> None:
    """Give `config` what an earlier build measured, or an empty cache where TensorRT does not want
    that."""
    cache = config.create_timing_cache(timings)
    # False: one of another machine is refused
    if cache is None or not config.set_timing_cache(cache, False):
        log.info("kernel timings of an earlier build are not used (%s)", said.last())
        config.set_timing_cache(config.create_timing_cache(b""), False)
