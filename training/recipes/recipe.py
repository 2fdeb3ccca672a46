"""What a loop asks of a recipe. Knows no task and no loop."""

from collections.abc import Iterable, Mapping
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor, nn

from catseye.models.checkpoint import Checkpoint
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.json_document import Json, JsonObject


class Recipe(Protocol):
    """What the loop asks of a task. `metric` names the entry of `evaluate` that a better network
    has more of."""

    task: str
    metric: str
    learning_rates: dict[str, float]  # by optimizer name
    weight_decay: float
    averaging: float  # decay of the exponential moving average of the weights; 0: none
    mixed_precision: bool  # whether the network's forward pass bears bfloat16

    @property
    def network(self) -> nn.Module: ...

    def steps_per_epoch(self) -> int: ...

    # random numbers from (seed, epoch) alone
    def batches(self, epoch: int) -> Iterable[tuple[Tensor, ...]]: ...
    def loss(self, network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor: ...
    def evaluate(self, network: nn.Module, device: torch.device) -> Mapping[str, Json]: ...
    def describe_data(self) -> JsonObject: ...


@runtime_checkable
class Shared(Protocol):
    """A recipe that makes every `number`-th batch of an epoch without making the others."""

    def share_of_batches(
        self, epoch: int, rank: int, number: int
    ) -> Iterable[tuple[Tensor, ...]]: ...


@runtime_checkable
class Pictured(Protocol):
    """A recipe that can show what the network answers: (H, W, 3) uint8 BGR by name."""

    def pictures(self, network: nn.Module, device: torch.device) -> dict[str, np.ndarray]: ...


@runtime_checkable
class Annealed(Protocol):
    """A recipe that changes over the run. share: of the epochs that are over, 0 before the
    first."""

    def anneal(self, share: float) -> None: ...


@runtime_checkable
class Uneven(Protocol):
    """A recipe whose epochs take unequal times: how long, compared with others, once so much of
    the run, 0-1, is over."""

    def effort(self, share: float) -> float: ...


@runtime_checkable
class Hungry(Protocol):
    """A recipe that learns little in fewer steps than these."""

    enough_steps: int


@runtime_checkable
class Following(Protocol):
    """A recipe with networks of several kinds, which trains on whatever kind it is to start
    from: what of it is to be learned anew, by the names of the layers."""

    def follow(self, checkpoint: Checkpoint) -> tuple[str, ...]: ...


def batch_size(asked: int, usual: int, examples: int) -> int:
    """Examples to a batch: as many as were asked for, 0 for the usual number. Raises CatseyeError
    for more than there are."""
    if asked > examples:
        raise CatseyeError(
            f"--batch {asked} with {examples} examples to train on", f"{examples} at most"
        )
    return asked or usual
