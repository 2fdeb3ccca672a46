"""The processes of one training: alone, or several under `torchrun`, on one machine or many.

Each works on batches of its own and all hold the same weights; the first one evaluates, writes and
speaks. Knows torch.distributed, nothing of recipes.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

import torch
from torch import distributed

from catseye.runtime.errors import CatseyeError
from catseye.training.torchrun import is_in_torchrun

T = TypeVar("T")
PATIENCE = timedelta(hours=2)  # the others wait while the first one evaluates


class Processes(NamedTuple):
    """rank: which of them this is, from 0; number: how many there are."""

    rank: int = 0
    number: int = 1

    @property
    def first(self) -> bool:
        return self.rank == 0

    def mean(self, value: float) -> float:
        """The mean of a number over all processes."""
        if self.number == 1:
            return value
        total = torch.tensor(value, dtype=torch.float64)
        distributed.all_reduce(total)
        return float(total) / self.number

    def from_first(self, value: T) -> T:
        """What the first process has; the others wait for it."""
        if self.number == 1:
            return value
        box: list[Any] = [value]
        distributed.broadcast_object_list(box, device=torch.device("cpu"))
        return box[0]


def local_device(name: str) -> str:
    """`auto` and `cuda` under torchrun: each process of a machine has its own GPU, where there is
    one. Raises CatseyeError where there are fewer GPUs than processes."""
    if not is_in_torchrun() or not torch.cuda.is_available() or name not in ("auto", "cuda"):
        return name
    index = int(os.environ["LOCAL_RANK"])
    if index >= torch.cuda.device_count():
        found = f"{torch.cuda.device_count()} GPUs for process {index + 1} of this machine"
        raise CatseyeError(
            found, "one each", "start fewer with torchrun --nproc-per-node, or --device cpu"
        )
    return f"cuda:{index}"


def seed_epoch(seed: int, epoch: int, rank: int = 0) -> None:
    """Start an epoch's random numbers (dropout, stochastic depth) from its own seed, another in
    each process."""
    torch.manual_seed(seed * 1_000_003 + epoch + rank * 1_000_000_007)


@contextmanager
def joined(device: torch.device) -> Iterator[Processes]:
    """Meet the other processes that torchrun started; one that runs alone meets nobody.

    Free any DistributedDataParallel inside the block: it would hold gloo and its threads beyond the
    group's end, and where they meet the end of the interpreter, they now and then abort the
    process.
    """
    if not is_in_torchrun() or os.environ["WORLD_SIZE"] == "1":
        yield Processes()
        return
    # DistributedDataParallel would import it under the group and so keep it alive
    from torch import _dynamo  # noqa: F401

    if device.type == "cuda":
        torch.cuda.set_device(device)
    distributed.init_process_group(
        "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo", timeout=PATIENCE
    )
    try:
        yield Processes(distributed.get_rank(), distributed.get_world_size())
        distributed.barrier()  # one that leaves while another still speaks aborts it
    finally:
        distributed.destroy_process_group()
