"""Minima to look at: the lecture's LeNet on the first digits of MNIST as they are, by each optimizer and seed.

No distortion, no dropout, no weight decay and no averaging: what ends the run is a minimum of the plain cross-entropy,
whose Hessian the studies take. Every optimizer sees the same number of digits.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from catseye.models.lenet import LeNet, LeNetConfig
from catseye.training.digits import DigitsRecipe, network_input_from_digits
from catseye.training.loop import Plan, fit

OPTIMIZERS = ("sgd", "adamw", "entropy-sgd")
DIGITS = 10_000
HIDDEN = 128  # the lecture's
BATCH = 64


class PlainDigits(DigitsRecipe):
    """LeNet without dropout, `hidden` units wide, on the first `digits` of the training part, the same in every epoch."""

    learning_rates = {"adamw": 2e-3, "sgd": 0.02, "entropy-sgd": 0.02}
    weight_decay = 0.0
    averaging = 0.0

    def __init__(self, data: str, seed: int = 0, hidden: int = HIDDEN, digits: int = DIGITS) -> None:
        super().__init__(data, seed)
        torch.manual_seed(seed)
        self.batch = BATCH
        self.network = lenet_of_width(hidden)
        self.images, self.labels = self.images[:digits], self.labels[:digits]

    def batches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        random = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
        order = torch.randperm(len(self.labels), generator=random)
        for chosen in order[: self.steps_per_epoch() * self.batch].split(self.batch):
            yield network_input_from_digits(self.images[chosen]), self.labels[chosen]

    def training_loss(self, digits: int) -> Tensor:
        """The mean cross-entropy of the network, as it is now, on the first `digits` it trains on; with its graph."""
        return cross_entropy(self.network(network_input_from_digits(self.images[:digits])), self.labels[:digits])


def lenet_of_width(hidden: int) -> LeNet:
    """The lecture's network without dropout, and with `hidden` units for its 128."""
    network = LeNet(LeNetConfig(dropout=0.0))
    network.classify[1], network.classify[3] = nn.Linear(150, hidden), nn.Linear(hidden, 10)
    return network


def minimum(data: str, optimizer: str, seed: int, epochs: int, hidden: int = HIDDEN) -> PlainDigits:
    """The recipe with its network trained, in evaluation mode."""
    recipe = PlainDigits(data, seed, hidden)
    with tempfile.TemporaryDirectory() as folder:
        fit(recipe, Plan(Path(folder), epochs, optimizer, "cpu", seed, evaluations=1))
    recipe.network.eval()
    return recipe
