"""Momentum SGD, synchronous averaging, DOWNPOUR, EASGD and EAMSGD on LeNet: error against work, time and bytes.

Four workers are played in one process (training/elastic/simulation.py): each is taken to have a core of its own, and
the time is made from a step and an exchange as measured here. Batches are undistorted digits, the rate is constant
as in the paper, the error that of the center (of the one network where there is no center) on `val`.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, nn

from catseye.training.digits import DigitsRecipe, accuracy, network_input_from_digits
from catseye.training.elastic.exchange import measured_exchange_s
from catseye.training.elastic.flat import FlatNetwork
from catseye.training.elastic.rules import Elastic, Gradient, rule_from_name
from catseye.training.elastic.simulation import Moment, asynchronous, order_of_events

WORKERS, BATCH, MOMENTUM = 4, 32, 0.9
TAUS = (1, 4, 10, 16, 64)
NEVER = 10**9  # a period that no run reaches
RATES = {"sgd": 0.03, "averaged": 0.1, "downpour": 0.1, "easgd": 0.3, "eamsgd": 0.03}
LOOKS = 8  # evaluations of a run
SPEED_TRIES = 20
SLOWEST = 1.06  # mean of the slowest of four steps that vary evenly by 10 %
CPU = torch.device("cpu")


class Costs(NamedTuple):
    """step_s: a gradient of one batch; exchange_s: a worker and the center, message and reply. On this machine."""

    step_s: float
    exchange_s: float


class Look(NamedTuple):
    """steps: gradients of each worker.  seconds: in the simulated time.  sent: bytes of all so far.  error: on val."""

    steps: int
    seconds: float
    sent: int
    error: float


class Lab:
    """LeNet and MNIST for one seed: first weights, batches of each worker, the error of a vector of weights."""

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
    """The fastest of some tries each, for other work on the machine only ever slows them."""
    gradient = lab.gradient(0)
    steps = []
    for _ in range(SPEED_TRIES):
        begun = time.perf_counter()
        gradient(lab.start)
        steps.append(time.perf_counter() - begun)
    return Costs(min(steps), measured_exchange_s(len(lab.start), SPEED_TRIES))


def with_center(lab: Lab, name: str, tau: int, rate: float, steps: int, costs: Costs) -> tuple[list[Look], Moment]:
    """A run of DOWNPOUR, EASGD or EAMSGD, and how it ends."""
    torch.manual_seed(lab.seed)  # of dropout
    events = order_of_events(WORKERS, steps, tau, *costs, seed=lab.seed)
    gradients = [lab.gradient(worker) for worker in range(WORKERS)]
    rule = rule_from_name(name, WORKERS, momentum=MOMENTUM)
    moments = asynchronous(rule, tau, lab.start, gradients, (event.worker for event in events), rate)
    looks = []
    for number, (event, moment) in enumerate(zip(events, moments), 1):
        if number % (len(events) // LOOKS) == 0:
            sent = moment.exchanges * 2 * moment.center.nbytes
            looks.append(Look(number // WORKERS, event.time_s, sent, lab.error(moment.center)))
    return looks, moment


def without_center(lab: Lab, gradient: Gradient, rate: float, steps: int, step_s: float, sent: int) -> list[Look]:
    """A run of SGD with Nesterov's momentum. step_s: the time of a step, sent: the bytes of one."""
    torch.manual_seed(lab.seed)
    alone = asynchronous(Elastic(0.0, MOMENTUM), NEVER, lab.start, [gradient], [0] * steps, rate)
    return [
        Look(number, number * step_s, number * sent, lab.error(moment.workers[0].x))
        for number, moment in enumerate(alone, 1) if number % (steps // LOOKS) == 0
    ]


def alone(lab: Lab, rate: float, steps: int, costs: Costs) -> list[Look]:
    """One worker."""
    return without_center(lab, lab.gradient(0), rate, steps, costs.step_s, 0)


def averaged(lab: Lab, rate: float, steps: int, costs: Costs) -> list[Look]:
    """All workers step together: the slowest of them and an all-reduce, which is taken to last as an exchange does.

    A ring all-reduce sends 2 (p - 1) times the weights, counted over all p.
    """
    step_s = costs.step_s * SLOWEST + costs.exchange_s
    gradient = lab.averaged_gradient(WORKERS)
    return without_center(lab, gradient, rate, steps, step_s, 2 * (WORKERS - 1) * lab.start.nbytes)
