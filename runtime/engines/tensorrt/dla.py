"""A network on a DLA, the deep learning accelerator of Xavier and Orin: which layers it takes, and
which fall back.

Knows that a board may have none, that TensorRT dropped it for a while, and that the reasons are
told to the log only. Knows nothing of precision: recipe.py has refused what no DLA can do.
"""

from typing import List, NamedTuple

from catseye.runtime.engines.tensorrt.api import (
    Builder,
    BuilderConfig,
    Layer,
    Log,
    Network,
    TensorRT,
)
from catseye.runtime.errors import BackendError


class Fallback(NamedTuple):
    """One layer that runs on the GPU though the DLA was asked for, and TensorRT's reason."""

    layer: str
    kind: str
    reason: str


def place_on_dla(
    trt: TensorRT, config: BuilderConfig, network: Network, core: int, log: Log
) -> List[Fallback]:
    """Send every layer that DLA `core` takes there and the others to the GPU; these are
    returned. Raises BackendError where it takes none."""
    config.default_device_type = trt.DeviceType.DLA
    config.DLA_core = core
    config.set_flag(trt.BuilderFlag.GPU_FALLBACK)
    fallbacks = []
    for layer in layers_of(network):
        log.complaints = []
        if not config.can_run_on_DLA(layer):
            config.set_device_type(layer, trt.DeviceType.GPU)
            reasons = "; ".join(" ".join(text.split()) for text in log.complaints)
            reason = reasons or "not a layer of the DLA"
            fallbacks.append(Fallback(layer.name, layer.type.name, reason))
    if len(fallbacks) == network.num_layers:
        raise BackendError(
            "the DLA takes none of the %d layers (%s: %s)"
            % (network.num_layers, fallbacks[0].layer, fallbacks[0].reason),
            "some",
            "build without --dla",
        )
    return fallbacks


def check_core(trt: TensorRT, builder: Builder, core: int) -> None:
    """Raise BackendError where there is no such core."""
    cores = builder.num_DLA_cores
    if cores == 0:
        raise BackendError(
            "--dla %d, but TensorRT %s sees no DLA here" % (core, trt.__version__),
            "Xavier or Orin (not Orin Nano) with TensorRT up to 10.7, or from 11.4.1 on",
            "build without --dla",
        )
    if core >= cores:
        raise BackendError(
            "--dla %d" % core, "0 to %d: this board has %d DLA cores" % (cores - 1, cores)
        )


def layers_of(network: Network) -> List[Layer]:
    """The layers in the order of the network."""
    return [network.get_layer(index) for index in range(network.num_layers)]
