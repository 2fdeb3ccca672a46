"""Which network and which configuration a task uses: the one table that the checkpoint format
reads."""

from typing import Any

from torch import nn

from catseye.models.autoencoder import Autoencoder, AutoencoderConfig
from catseye.models.gan import Gan, GanConfig
from catseye.models.lenet import LeNet, LeNetConfig
from catseye.models.lista import SparseCoder, SparseConfig
from catseye.models.road import RoadConfig, RoadNet
from catseye.runtime.errors import CatseyeError

NETWORKS: dict[str, tuple[type[nn.Module], type]] = {
    "road": (RoadNet, RoadConfig),
    "digits": (LeNet, LeNetConfig),
    "sparse": (SparseCoder, SparseConfig),
    "gan": (Gan, GanConfig),
    "autoencoder": (Autoencoder, AutoencoderConfig),
}


def network_from_config(task: str, config: dict[str, Any]) -> nn.Module:
    """A network with fresh weights for `task`; `config` is a dataclass as a dictionary (lists stand
    for tuples)."""
    if task not in NETWORKS:
        raise CatseyeError(f"unknown task {task!r}", "one of " + ", ".join(NETWORKS))
    network, config_type = NETWORKS[task]
    return network(
        config_type(**{key: tuple(v) if isinstance(v, list) else v for key, v in config.items()})
    )
