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
from typing import Any

import numpy as np
import torch
from scipy.stats import spearmanr
from torch import Tensor, nn
from tqdm import tqdm

from catseye.models.checkpoint import Checkpoint
from catseye.models.meta import Meta
from catseye.models.networks import config_as_json
from catseye.training.analysis.figure import figure
from catseye.training.analysis.minima.minima import (
    DIGITS,
    OPTIMIZERS,
    Problem,
    descend,
    digits_problem,
)
from catseye.training.analysis.minima.spectrum import estimated_spectrum
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


def report(data: str, seeds: int, gradients: int, precisions: Precisions) -> dict[str, Any]:
    """{minima: [row], optimizers: {name: {number: [mean, std]}}, rank_correlation: {disturbance:
    Spearman's}}.

    A row: {optimizer, seed, accuracy, loss, largest, most_negative, mean, lost: {disturbance:
    points}}. The correlation is that of the points lost with the largest eigenvalue, over all
    minima. Raises CatseyeError where a descent diverges.
    """
    images, labels = digit_tensors(data, "val", SCORED_DIGITS)
    rows = []
    for optimizer in OPTIMIZERS:
        for seed in tqdm(range(seeds), optimizer, leave=False):
            problem = digits_problem(data, seed)
            descend(problem, optimizer, gradients, seed)
            right = accuracy(problem.network, images, labels, CPU)
            noisy = noisy_accuracies(problem.network, images, labels)
            lost = precisions(_checkpoint(problem.network, optimizer, seed, right))
            lost |= {name: 100 * (right - each) for name, each in noisy.items()}
            row = {"optimizer": optimizer, "seed": seed, "accuracy": right, **curvature(problem)}
            rows.append(row | {"lost": lost})
    return summary(rows)


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The report on minima that have been measured."""
    optimizers = {name: _over_seeds(rows, name) for name in OPTIMIZERS}
    largest = [row["largest"] for row in rows]
    lost = {name: [row["lost"][name] for row in rows] for name in rows[0]["lost"]}
    correlation = {name: rank_correlation(largest, values) for name, values in lost.items()}
    return {"minima": rows, "optimizers": optimizers, "rank_correlation": correlation}


def rank_correlation(a: list[float], b: list[float]) -> float | None:
    """Spearman's; None where one of the two is constant."""
    return None if min(np.ptp(a), np.ptp(b)) == 0 else float(spearmanr(a, b).statistic)


def curvature(problem: Problem) -> dict[str, float]:
    """The minimum's loss on all it was trained on, and the shape of the Hessian on a part of
    that."""
    hessian = problem.hessian(HESSIAN_DIGITS)
    spectrum = estimated_spectrum(hessian.product, len(hessian), STEPS, probes=1)
    with torch.no_grad():
        loss = float(problem.loss_on(len(problem.x)))
    largest, most_negative = float(spectrum.values[-1]), float(spectrum.values[0])
    mean = float(spectrum.values @ spectrum.weights)
    return {"loss": loss, "largest": largest, "most_negative": most_negative, "mean": mean}


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


def draw(answer: dict[str, Any], path: str | os.PathLike[str]) -> None:
    """What each disturbance costs over the largest eigenvalue, a point for each minimum."""
    names = list(answer["rank_correlation"])
    with figure(path, columns=3, rows=-(-len(names) // 3), height=2.8) as axes:
        for axis, name in zip(axes, names):
            for optimizer in OPTIMIZERS:
                mine = [row for row in answer["minima"] if row["optimizer"] == optimizer]
                largest, lost = (
                    [row["largest"] for row in mine],
                    [row["lost"][name] for row in mine],
                )
                axis.semilogx(largest, lost, "o", label=optimizer)
            correlation = answer["rank_correlation"][name]
            told = "all the same" if correlation is None else f"rank correlation {correlation:.2f}"
            axis.set(title=f"{name}, {told}", xlabel="largest eigenvalue", ylabel="points lost")
        axes[0].legend()
        for axis in axes[len(names) :]:
            axis.set_axis_off()


def _over_seeds(rows: list[dict[str, Any]], optimizer: str) -> dict[str, list[float]]:
    """[mean, standard deviation] over the seeds of every number of one optimizer's minima."""
    mine = [row | row["lost"] for row in rows if row["optimizer"] == optimizer]
    numbers = [name for name, value in mine[0].items() if isinstance(value, float)]
    values = {name: [row[name] for row in mine] for name in numbers}
    return {
        name: [float(np.mean(column)), float(np.std(column, ddof=1 if len(mine) > 1 else 0))]
        for name, column in values.items()
    }


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
