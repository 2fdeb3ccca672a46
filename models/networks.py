"""Which networks and which configurations a task has: the one table that the checkpoint format
reads."""

import warnings
from dataclasses import asdict
from typing import Literal, NamedTuple, get_args, get_origin, get_type_hints

import torch
from torch import Tensor, nn

from catseye.models.autoencoder import Autoencoder, AutoencoderConfig
from catseye.models.gan import Gan, GanConfig
from catseye.models.lenet import LeNet, LeNetConfig
from catseye.models.lista import SparseCoder, SparseConfig
from catseye.models.road.factorised import RoadConfig, RoadNet
from catseye.models.road.lite import LiteRoadConfig, LiteRoadNet
from catseye.runtime.errors import CatseyeError, ModelFileError
from catseye.runtime.system.json_document import Fields, JsonObject


class Architecture(NamedTuple):
    """A network and the dataclass of its configuration."""

    network: type[nn.Module]
    config: type


# a checkpoint's is the one whose configuration has the fields that it names, the first if many do
NETWORKS: dict[str, tuple[Architecture, ...]] = {
    "road": (Architecture(RoadNet, RoadConfig), Architecture(LiteRoadNet, LiteRoadConfig)),
    "digits": (Architecture(LeNet, LeNetConfig),),
    "sparse": (Architecture(SparseCoder, SparseConfig),),
    "gan": (Architecture(Gan, GanConfig),),
    "autoencoder": (Architecture(Autoencoder, AutoencoderConfig),),
}
# what a configuration of another network can raise as its network is made
DISAGREEMENTS = (ArithmeticError, CatseyeError, LookupError, RuntimeError, TypeError, ValueError)
LARGEST = 1 << 16  # number in a configuration
MOST = 64  # items of a list in it
LONGEST = 200  # characters of a name in it


def config_as_json(network: nn.Module) -> JsonObject:
    """The configuration of a network that has one, its dataclass `config`; tuples are lists."""
    values = asdict(vars(network)["config"]).items()
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values}


def network_with_weights(
    task: str, config: JsonObject, weights: dict[str, Tensor], of: str
) -> nn.Module:
    """The network of `task` with these weights, in evaluation mode; `of`: the file they are from.

    Raises ModelFileError where task, configuration and weights do not belong together, before
    anything is allocated that the weights are not as large as.
    """
    if task not in NETWORKS:
        raise ModelFileError(f"meta.task of {of} is {task!r:.50}", "one of " + ", ".join(NETWORKS))
    network_type, config_type = _architecture(task, config)
    checked = config_from_json(config_type, config, of)
    try:
        with torch.device("meta"), warnings.catch_warnings():  # shapes only
            warnings.simplefilter("ignore")  # of empty tensors: they are no network's
            _compare(network_type(checked).state_dict(), weights)
        network = network_type(checked)
        network.load_state_dict(weights)
    except DISAGREEMENTS as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise ModelFileError(
            f"config and weights of {of} disagree ({reason})", "a file that `catseye train` wrote"
        )
    return network.eval()


def _architecture(task: str, config: JsonObject) -> Architecture:
    def unknown(one: Architecture) -> int:
        return len(config.keys() - get_type_hints(one.config).keys())

    return min(NETWORKS[task], key=unknown)


def config_from_json(config_type: type, config: JsonObject, of: str) -> object:
    """A configuration; lists are tuples, and fields that are missing have their defaults.

    Raises ModelFileError for a field that is unknown, of another type or out of bounds.
    """
    fields = Fields(config, path="meta.config", of=of, fix="train it again")
    types = get_type_hints(config_type)
    unknown = config.keys() - types.keys()
    if unknown:
        raise fields.wrong("." + min(unknown), config[min(unknown)], "no such field")
    return config_type(**{name: _field(fields, name, types[name]) for name in config})


def _field(fields: Fields, name: str, kind: object) -> object:
    """The value of a field as its dataclass wants it."""
    if kind is int:
        return fields.integer(name, 0, LARGEST)
    if kind is float:
        return fields.number(name, -LARGEST, LARGEST)
    if kind is bool:
        return fields.flag(name)
    if get_origin(kind) is Literal:
        return fields.text(name, among=get_args(kind))
    if get_args(kind)[0] is int:
        return fields.integers(name, (0, MOST), 0, LARGEST)
    return fields.texts(name, most=MOST, longest=LONGEST)


def _compare(expected: dict[str, Tensor], found: dict[str, Tensor]) -> None:
    if expected.keys() != found.keys():
        raise ValueError(
            f"{min(expected.keys() ^ found.keys())} is in the network or the file only"
        )
    for name, tensor in expected.items():
        theirs = found[name]
        if not isinstance(theirs, Tensor):
            raise ValueError(f"{name} is no tensor")
        if theirs.shape != tensor.shape or theirs.dtype != tensor.dtype:
            raise ValueError(
                f"{name} is {theirs.dtype} {tuple(theirs.shape)} in the file,"
                f" {tensor.dtype} {tuple(tensor.shape)} by its config"
            )
