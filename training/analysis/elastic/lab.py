"""The bench of the study: LeNet and MNIST as functions of a flat vector, and what a step and an
exchange cost here."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, nn

from catseye.training.elastic.exchange import measured_exchange_s
from catseye.training.elastic.flat import FlatNetwork
from catseye.training.elastic.rules import Gradient
from catseye.training.recipes.digits import DigitsRecipe, accuracy, network_input_from_digits

BATCH = 32
TRIES = 20
CPU = torch.device("cpu")


class Costs(NamedTuple):
    """step_s: a gradient of one batch; exchange_s: a worker and the center, message and reply. On
    this machine."""

    step_s: float
    exchange_s: float


class Lab:
    """LeNet and MNIST for one seed: first weights, batches of each worker, the error of a vector of
    weights."""

    def __init__(self, data: str, seed: int) -> None:
        self.seed, self.recipe = seed, DigitsRecipe(data, seed)
        self.flat = FlatNetwork(self.recipe, CPU)
        self.start = self.flat.weights()

    def gradient(self, worker: int) -> Gradient:
        """Each call takes the next of the worker's own random batches."""
        batches = self._batches(worker)
        return lambda x: self.flat.gradient(x, next(batches))

    def averaged_gradient(self, workers: int) -> Gradient:
        """The mean over one batch of each worker: what DistributedDataParallel steps with."""
        gradients = [self.gradient(worker) for worker in range(workers)]
        return lambda x: torch.stack([gradient(x) for gradient in gradients]).mean(0)

    def error(self, x: Tensor) -> float:
        """Share of the validation digits that are named wrongly, 0-1."""
        with self._evaluated_at(x) as network, torch.no_grad():
            return 1 - accuracy(network, *self.recipe.validation, CPU)

    def loss(self, x: Tensor) -> float:
        """Mean cross-entropy over the validation digits, without dropout."""
        images, labels = self.recipe.validation
        with self._evaluated_at(x) as network, torch.no_grad():
            return float(self.recipe.loss(network, (network_input_from_digits(images), labels)))

    @contextmanager
    def _evaluated_at(self, x: Tensor) -> Iterator[nn.Module]:
        self.flat.set_weights(x)
        self.flat.network.eval()
        yield self.flat.network
        self.flat.network.train()

    def _batches(self, worker: int) -> Iterator[tuple[Tensor, Tensor]]:
        random = torch.Generator().manual_seed(self.seed * 1_000_003 + worker)
        images, labels = self.recipe.images, self.recipe.labels
        while True:
            for chosen in torch.randperm(len(labels), generator=random).split(BATCH):
                yield network_input_from_digits(images[chosen]), labels[chosen]


def measured_costs(lab: Lab) -> Costs:
    """The fastest of some tries each, and a step in the CPU's time: other work on the machine only
    slows them."""
    gradient, steps = lab.gradient(0), []
    for _ in range(TRIES):
        begun = time.thread_time()
        gradient(lab.start)
        steps.append(time.thread_time() - begun)
    return Costs(min(steps), measured_exchange_s(len(lab.start), TRIES))
