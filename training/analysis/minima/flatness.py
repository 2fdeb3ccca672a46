"""Does a flat minimum survive what a board does to it? LeNet's weights by optimizer and seed, at
equal training loss, measured and disturbed.

Every optimizer is annealed alike and stopped where the training loss first comes to a level, so
that none is flatter than another only because it is less deep. Flatness: the largest
eigenvalue of the Hessian, and its trace, both by Lanczos quadrature. Disturbed: the weights, w +
sigma std(w) N(0, I) in each tensor; what each ReLU writes, likewise; the camera's bytes, with noise
of a standard deviation in grey levels. What is lost is the fall of the accuracy on `val`, in
points. Precisions are for the caller to measure: export is no business of training.
"""

import copy
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np
import torch
from matplotlib.axes import Axes
from scipy.stats import spearmanr
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters
from tqdm import tqdm

from catseye.models.checkpoint import Checkpoint
from catseye.models.meta import Meta
from catseye.models.networks import config_as_json
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.json_document import JsonObject
from catseye.training.analysis.figure import figure
from catseye.training.analysis.minima.minima import (
    DIGITS,
    Problem,
    digits_problem,
    endless_batches,
)
from catseye.training.analysis.minima.spectrum import estimated_spectrum
from catseye.training.analysis.optimizers.contenders import Setting, annealed
from catseye.training.analysis.spread import Spread, of_sample
from catseye.training.plan import ENTROPY_SGD
from catseye.training.recipes.digits import accuracy, digit_tensors

CPU = torch.device("cpu")
LEVELS = (0.02, 0.004)  # training losses, on the digits of the Hessian
LOOK = 20  # gradients between two looks at that loss
HALVINGS = 6  # of the way between two looks
HESSIAN_DIGITS, STEPS, PROBES = 1_000, 15, 2
DRAWS = 3  # of every noise
SCORED_DIGITS = 2_000  # digits of `val`

Precisions = Callable[[Checkpoint], dict[str, float]]  # points of accuracy lost, by precision


def noisy_weights(network: nn.Module, sigma: float) -> nn.Module:
    """A copy with sigma std(w) N(0, I) added to every tensor w of more than one axis."""
    noisy = copy.deepcopy(network)
    with torch.no_grad():
        for weight in noisy.parameters():
            if weight.ndim > 1:
                weight.add_(torch.randn_like(weight), alpha=sigma * float(weight.std()))
    return noisy


def noisy_activations(network: nn.Module, sigma: float) -> nn.Module:
    """A copy whose ReLUs write y + sigma std(y) N(0, I)."""
    noisy = copy.deepcopy(network)
    for module in noisy.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(lambda _, __, y: y + sigma * y.std() * torch.randn_like(y))
    return noisy


def noisy_camera(images: Tensor, sigma: float) -> Tensor:
    """(N, 32, 32) uint8 with Gaussian noise of `sigma` grey levels, rounded and clipped as a sensor
    does."""
    return (images + sigma * torch.randn(images.shape)).round().clamp(0, 255).to(torch.uint8)


DISTURBED: dict[str, Callable[[nn.Module, Tensor], tuple[nn.Module, Tensor]]] = {
    "weights 0.2": lambda network, images: (noisy_weights(network, 0.2), images),
    "weights 0.4": lambda network, images: (noisy_weights(network, 0.4), images),
    "activations 0.5": lambda network, images: (noisy_activations(network, 0.5), images),
    "camera 60": lambda network, images: (network, noisy_camera(images, 60)),
}


# what `analyze optimizers --study digits` found
SETTINGS: dict[str, Setting] = {
    "sgd": {"rate": 0.05, "momentum": 0.9},
    "adamw": {"rate": 0.006, "beta1": 0.9, "beta2": 0.999},
    ENTROPY_SGD: {"rate": 0.05, "inner_steps": 20, "outer_momentum": 0.0, "growth": 20.0},
}


class Curvature(NamedTuple):
    """The loss, and of its Hessian the largest eigenvalue, the most negative one and the trace."""

    loss: float
    largest: float
    most_negative: float
    trace: float


@dataclass(frozen=True)
class Minimum:
    """level: of LEVELS.  gradients: that it took.  accuracy: on `val`, 0-1.  lost: points, by
    disturbance; the rest as in Curvature."""

    optimizer: str
    seed: int
    level: float
    gradients: int
    accuracy: float
    loss: float
    largest: float
    most_negative: float
    trace: float
    lost: dict[str, float]

    def numbers(self) -> dict[str, float]:
        """All that can be averaged over seeds, by name."""
        own = ("gradients", "accuracy", "loss", "largest", "most_negative", "trace")
        return {name: getattr(self, name) for name in own} | self.lost


@dataclass(frozen=True)
class AtLevel:
    """At one training loss.  optimizers: numbers of a Minimum over the seeds.  rank_correlation: of
    the largest eigenvalue with the points lost by each disturbance, over all minima there."""

    level: float
    optimizers: dict[str, dict[str, Spread]]
    rank_correlation: dict[str, float | None]


@dataclass(frozen=True)
class FlatnessAnswer:
    minima: list[Minimum]
    levels: list[AtLevel]

    def as_json(self) -> JsonObject:
        """A Spread is a list of its two numbers."""
        return asdict(self)


def report(data: str, seeds: int, gradients: int, precisions: Precisions) -> FlatnessAnswer:
    """Every optimizer for `seeds`, annealed over so many gradients, at every level. Raises
    CatseyeError where one does not come so low."""
    images, labels = digit_tensors(data, "val", SCORED_DIGITS)
    minima = []
    for optimizer in SETTINGS:
        for seed in tqdm(range(seeds), optimizer, leave=False):
            problem = digits_problem(data, seed)
            for level, taken in at_levels(problem, optimizer, gradients, seed):
                network = problem.network
                right = accuracy(network, images, labels, CPU)
                noisy = noisy_accuracies(network, images, labels)
                lost = precisions(_checkpoint(network, optimizer, seed, right))
                lost |= {name: 100 * (right - each) for name, each in noisy.items()}
                shape = curvature(problem)._asdict()
                minima.append(Minimum(optimizer, seed, level, taken, right, **shape, lost=lost))
    return FlatnessAnswer(minima, [summary(minima, level) for level in LEVELS])


def at_levels(
    problem: Problem, optimizer: str, gradients: int, seed: int
) -> Iterator[tuple[float, int]]:
    """Train the problem's network, and yield each level, with the gradients that it took, while the
    network is there, in evaluation mode: on the straight line between the weights at two looks.
    Raises CatseyeError where it does not come so low."""
    torch.manual_seed(seed)
    network, batches = problem.network, endless_batches(problem)
    run = annealed(optimizer, network.parameters(), SETTINGS[optimizer], gradients, seed)
    steps = run.steps(lambda: problem.loss(network, *next(batches)))
    weights = list(network.parameters())
    to_come, taken, loss = list(LEVELS), 0, math.inf
    while to_come:
        if taken >= gradients or math.isnan(loss):
            raise CatseyeError(
                f"{optimizer} is at a training loss of {loss:.3g} after {taken} gradients",
                str(to_come[0]),
                "more --gradients",
            )
        before = parameters_to_vector(weights).detach()
        network.train()
        for _ in range(LOOK // run.gradients):
            next(steps)
        network.eval()
        taken += LOOK
        loss = _loss(problem)
        while to_come and loss <= to_come[0]:
            random = torch.get_rng_state()  # what is measured does not change how it goes on
            after = parameters_to_vector(weights).detach()
            vector_to_parameters(_between(problem, before, after, to_come[0]), weights)
            yield to_come.pop(0), taken
            vector_to_parameters(after, weights)
            torch.set_rng_state(random)


def _between(problem: Problem, before: Tensor, after: Tensor, level: float) -> Tensor:
    """Where on the straight line the loss comes to the level: above it `before`, not `after`."""
    weights = list(problem.network.parameters())
    for _ in range(HALVINGS):
        middle = (before + after) / 2
        vector_to_parameters(middle, weights)
        before, after = (before, middle) if _loss(problem) <= level else (middle, after)
    return after


@torch.no_grad()
def _loss(problem: Problem) -> float:
    return float(problem.loss_on(HESSIAN_DIGITS))


def summary(minima: list[Minimum], level: float) -> AtLevel:
    """The report on minima that have been measured, at that level."""
    there = [minimum for minimum in minima if minimum.level == level]
    largest = [minimum.largest for minimum in there]
    lost = {name: [minimum.lost[name] for minimum in there] for name in there[0].lost}
    return AtLevel(
        level=level,
        optimizers={name: _over_seeds(there, name) for name in SETTINGS},
        rank_correlation={name: rank_correlation(largest, each) for name, each in lost.items()},
    )


def rank_correlation(a: list[float], b: list[float]) -> float | None:
    """Spearman's; None where one of the two is constant."""
    return None if min(np.ptp(a), np.ptp(b)) == 0 else float(spearmanr(a, b).statistic)


def curvature(problem: Problem) -> Curvature:
    """Of the loss on the digits that the levels are of."""
    hessian = problem.hessian(HESSIAN_DIGITS)
    spectrum = estimated_spectrum(hessian.product, len(hessian), STEPS, PROBES)
    ends = spectrum.summary()
    trace = len(hessian) * float(spectrum.values @ spectrum.weights)
    return Curvature(
        loss=_loss(problem), largest=ends.largest, most_negative=ends.most_negative, trace=trace
    )


@torch.no_grad()
def noisy_accuracies(network: nn.Module, images: Tensor, labels: Tensor) -> dict[str, float]:
    """Accuracy under each disturbance, 0-1, the mean over DRAWS with the same noise for every
    network."""
    answer = {}
    for name, disturbed in DISTURBED.items():
        torch.manual_seed(0)
        answer[name] = float(
            np.mean([accuracy(*disturbed(network, images), labels, CPU) for _ in range(DRAWS)])
        )
    return answer


def draw(answer: FlatnessAnswer, path: str | os.PathLike[str]) -> None:
    """Flatness over training loss; and at the lowest level what each disturbance costs over the
    largest eigenvalue. A point for each minimum."""
    lowest = answer.levels[-1]
    there = [minimum for minimum in answer.minima if minimum.level == lowest.level]
    names = list(lowest.rank_correlation)
    rows = -(-(len(names) + 2) // 4)
    with figure(path, columns=4, rows=rows, height=2.8) as axes:
        for axis, measure in zip(axes, ("largest", "trace")):
            _points(axis, answer.minima, "loss", measure)
            name = "trace" if measure == "trace" else "largest eigenvalue"
            axis.set(title=f"{name} at equal loss", xlabel="training loss", ylabel=name)
            axis.set(xscale="log", yscale="log")
        axes[0].legend(loc="upper center")  # between the levels
        for axis, name in zip(axes[2:], names):
            _points(axis, there, "largest", name)
            correlation = lowest.rank_correlation[name]
            told = "all the same" if correlation is None else f"rank correlation {correlation:.2f}"
            axis.set(title=f"{name}, {told}", xlabel="largest eigenvalue", ylabel="points lost")
            axis.set(xscale="log")
        for axis in axes[2 + len(names) :]:
            axis.set_axis_off()


def _points(axis: Axes, minima: list[Minimum], across: str, up: str) -> None:
    for optimizer in SETTINGS:
        mine = [each.numbers() for each in minima if each.optimizer == optimizer]
        axis.plot([n[across] for n in mine], [n[up] for n in mine], "o", label=optimizer)


def _over_seeds(minima: list[Minimum], optimizer: str) -> dict[str, Spread]:
    mine = [minimum.numbers() for minimum in minima if minimum.optimizer == optimizer]
    return {name: of_sample([numbers[name] for numbers in mine]) for name in mine[0]}


def _checkpoint(network: nn.Module, optimizer: str, seed: int, right: float) -> Checkpoint:
    """The network with the meta data that an exported file tells of it."""
    meta = Meta(
        task="digits",
        config=config_as_json(network),
        metrics={"accuracy": right},
        data={"name": "MNIST train", "digits": DIGITS},
        seed=seed,
        epoch=0,
        epochs=0,
        optimizer=optimizer,
        commit="",
    )
    return Checkpoint(network, meta)
