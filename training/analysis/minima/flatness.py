"""Does a flat minimum survive what a board does to it? LeNet's minima by optimizer and seed,
measured and disturbed.

Flatness: the largest eigenvalue of the Hessian, and the mean of all (its trace / n), both by
Lanczos quadrature. Disturbed: the weights, w + sigma std(w) N(0, I) in each tensor; what each ReLU
writes, likewise; the camera's bytes, with noise of a standard deviation in grey levels. What is
lost is the fall of the accuracy on `val`, in points. Precisions are for the caller to measure:
export is no business of training.
"""

import copy
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np
import torch
from scipy.stats import spearmanr
from torch import Tensor, nn
from tqdm import tqdm

from catseye.models.checkpoint import Checkpoint
from catseye.models.meta import Meta
from catseye.models.networks import config_as_json
from catseye.runtime.system.json_document import JsonObject
from catseye.training.analysis.figure import figure
from catseye.training.analysis.minima.minima import (
    DIGITS,
    OPTIMIZERS,
    Problem,
    descend,
    digits_problem,
)
from catseye.training.analysis.minima.spectrum import estimated_spectrum
from catseye.training.analysis.spread import Spread, of_sample
from catseye.training.recipes.digits import accuracy, digit_tensors

CPU = torch.device("cpu")
HESSIAN_DIGITS, STEPS = 1_000, 30
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


class Curvature(NamedTuple):
    """The loss at a minimum, and the Hessian's largest, most negative and mean eigenvalue there."""

    loss: float
    largest: float
    most_negative: float
    mean: float


@dataclass(frozen=True)
class Minimum:
    """accuracy: on `val`, 0-1.  lost: points, by disturbance; the rest as in Curvature."""

    optimizer: str
    seed: int
    accuracy: float
    loss: float
    largest: float
    most_negative: float
    mean: float
    lost: dict[str, float]

    def numbers(self) -> dict[str, float]:
        """All that can be averaged over seeds, by name."""
        return {
            "accuracy": self.accuracy,
            "loss": self.loss,
            "largest": self.largest,
            "most_negative": self.most_negative,
            "mean": self.mean,
            **self.lost,
        }


@dataclass(frozen=True)
class FlatnessAnswer:
    """optimizers: numbers of a Minimum over the seeds.  rank_correlation: of the largest eigenvalue
    with the points lost by each disturbance, over all minima."""

    minima: list[Minimum]
    optimizers: dict[str, dict[str, Spread]]
    rank_correlation: dict[str, float | None]

    def as_json(self) -> JsonObject:
        """A Spread is a list of its two numbers."""
        return asdict(self)


def report(data: str, seeds: int, gradients: int, precisions: Precisions) -> FlatnessAnswer:
    """Minima by every optimizer for `seeds`, in so many gradients. Raises CatseyeError where a
    descent diverges."""
    images, labels = digit_tensors(data, "val", SCORED_DIGITS)
    minima = []
    for optimizer in OPTIMIZERS:
        for seed in tqdm(range(seeds), optimizer, leave=False):
            problem = digits_problem(data, seed)
            descend(problem, optimizer, gradients, seed)
            right = accuracy(problem.network, images, labels, CPU)
            noisy = noisy_accuracies(problem.network, images, labels)
            lost = precisions(_checkpoint(problem.network, optimizer, seed, right))
            lost |= {name: 100 * (right - each) for name, each in noisy.items()}
            shape = curvature(problem)._asdict()
            minima.append(Minimum(optimizer, seed, right, **shape, lost=lost))
    return summary(minima)


def summary(minima: list[Minimum]) -> FlatnessAnswer:
    """The report on minima that have been measured."""
    largest = [minimum.largest for minimum in minima]
    lost = {name: [minimum.lost[name] for minimum in minima] for name in minima[0].lost}
    return FlatnessAnswer(
        minima=minima,
        optimizers={name: _over_seeds(minima, name) for name in OPTIMIZERS},
        rank_correlation={name: rank_correlation(largest, each) for name, each in lost.items()},
    )


def rank_correlation(a: list[float], b: list[float]) -> float | None:
    """Spearman's; None where one of the two is constant."""
    return None if min(np.ptp(a), np.ptp(b)) == 0 else float(spearmanr(a, b).statistic)


def curvature(problem: Problem) -> Curvature:
    """The minimum's loss on all it was trained on, and the shape of the Hessian on a part of
    that."""
    hessian = problem.hessian(HESSIAN_DIGITS)
    spectrum = estimated_spectrum(hessian.product, len(hessian), STEPS, probes=1)
    with torch.no_grad():
        loss = float(problem.loss_on(len(problem.x)))
    ends = spectrum.summary()
    mean = float(spectrum.values @ spectrum.weights)
    return Curvature(loss=loss, largest=ends.largest, most_negative=ends.most_negative, mean=mean)


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
    """What each disturbance costs over the largest eigenvalue, a point for each minimum."""
    names = list(answer.rank_correlation)
    with figure(path, columns=3, rows=-(-len(names) // 3), height=2.8) as axes:
        for axis, name in zip(axes, names):
            for optimizer in OPTIMIZERS:
                mine = [minimum for minimum in answer.minima if minimum.optimizer == optimizer]
                largest = [minimum.largest for minimum in mine]
                axis.semilogx(
                    largest, [minimum.lost[name] for minimum in mine], "o", label=optimizer
                )
            correlation = answer.rank_correlation[name]
            told = "all the same" if correlation is None else f"rank correlation {correlation:.2f}"
            axis.set(title=f"{name}, {told}", xlabel="largest eigenvalue", ylabel="points lost")
        axes[0].legend()
        for axis in axes[len(names) :]:
            axis.set_axis_off()


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
