"""What each part of LeNet is worth: the variants of models/lenet_variants.py trained alike on the
same few digits.

Few digits, because a regulariser shows where there is something to overfit. Every variant has the
same digits, order of seeds, optimizer and number of steps; the learning rate is not tuned for any
of them.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from tqdm import tqdm

from catseye.models.lenet_variants import VARIANTS
from catseye.runtime.errors import CatseyeError
from catseye.training.recipes.digits import accuracy, digit_tensors, network_input_from_digits

BATCH, LEARNING_RATE = 64, 0.01
CPU = torch.device("cpu")


def ablation(
    data: str, digits: int, epochs: int, seeds: int, names: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """A row for each variant (all of them unless named).

    {name, parameters, train, val, spread, runs}: accuracies 0-1, the means over seeds after
    `epochs` over the first `digits` of the training split; spread: the standard deviation of val
    over seeds (0 for one); runs: every val. Raises CatseyeError for an unknown variant.
    """
    for name in set(names) - set(VARIANTS):
        raise CatseyeError(f"no network {name!r}", "one of " + ", ".join(VARIANTS))
    train, val = (digit_tensors(data, split) for split in ("train", "val"))
    few = train[0][:digits], train[1][:digits]
    rows = []
    for name in tqdm(names or list(VARIANTS), "variants", disable=None, leave=False):
        networks = [trained(name, *few, epochs, seed) for seed in range(seeds)]
        accuracies = np.array(
            [[accuracy(network, *some, CPU) for some in (few, val)] for network in networks]
        )
        rows.append(
            {
                "name": name,
                "parameters": sum(p.numel() for p in networks[0].parameters()),
                "train": float(accuracies[:, 0].mean()),
                "val": float(accuracies[:, 1].mean()),
                "spread": float(accuracies[:, 1].std(ddof=1)) if seeds > 1 else 0.0,
                "runs": accuracies[:, 1].tolist(),
            }
        )
    return rows


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
