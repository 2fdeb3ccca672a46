"""What each part of LeNet is worth: the variants of models/lenet_variants.py trained alike on the
same few digits.

Few digits, because a regulariser shows where there is something to overfit. Every variant has the
same digits, order of seeds, optimizer and number of steps; the learning rate is not tuned for any
of them.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from tqdm import tqdm

from catseye.models.lenet_variants import VARIANTS
from catseye.runtime.errors import CatseyeError
from catseye.training.analysis.spread import of_sample
from catseye.training.recipes.digits import accuracy, digit_tensors, network_input_from_digits

BATCH, LEARNING_RATE = 64, 0.01
CPU = torch.device("cpu")


class Variant(NamedTuple):
    """Accuracies 0-1: train and val are means over seeds; spread: the standard deviation of val
    over seeds (0 for one).  runs: every val."""

    name: str
    parameters: int
    train: float
    val: float
    spread: float
    runs: list[float]


def ablation(
    data: str, digits: int, epochs: int, seeds: int, names: Sequence[str] = ()
) -> list[Variant]:
    """Each variant (all of them unless named) after `epochs` over the first `digits` of the
    training split. Raises CatseyeError for an unknown variant."""
    for name in set(names) - set(VARIANTS):
        raise CatseyeError(f"no network {name!r}", "one of " + ", ".join(VARIANTS))
    train, val = (digit_tensors(data, split) for split in ("train", "val"))
    few = train[0][:digits], train[1][:digits]
    variants = []
    for name in tqdm(names or list(VARIANTS), "variants", disable=None, leave=False):
        networks = [trained(name, *few, epochs, seed) for seed in range(seeds)]
        accuracies = np.array(
            [[accuracy(network, *some, CPU) for some in (few, val)] for network in networks]
        )
        on_val = of_sample(accuracies[:, 1])
        variants.append(
            Variant(
                name=name,
                parameters=sum(p.numel() for p in networks[0].parameters()),
                train=float(accuracies[:, 0].mean()),
                val=on_val.mean,
                spread=on_val.std,
                runs=accuracies[:, 1].tolist(),
            )
        )
    return variants


def trained(name: str, images: Tensor, labels: Tensor, epochs: int, seed: int) -> nn.Module:
    """A variant after `epochs` of AdamW with a linearly falling rate, in evaluation mode; images
    (N, 32, 32) uint8."""
    torch.manual_seed(seed)
    network = VARIANTS[name]()
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE)
    steps = epochs * (len(labels) // BATCH)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, steps)
    for _ in range(epochs):
        for chosen in torch.randperm(len(labels)).split(BATCH)[: len(labels) // BATCH]:
            optimizer.zero_grad()
            cross_entropy(
                network(network_input_from_digits(images[chosen])), labels[chosen]
            ).backward()
            optimizer.step()
            schedule.step()
    return network.eval()
