"""Dropout against the nets it stands for, max-pooling under shifts, and what each part of LeNet is
worth.

The lecture's p is the probability that a unit is kept, and its weights are multiplied by p at test
time; torch's p is the probability that it is dropped, and it divides by 1 - p in training instead.
The two are one network: the lecture's weights are torch's over 1 - p.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple, cast

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor
from torch.nn.functional import max_pool2d

from catseye.models.checkpoint import load_shipped
from catseye.models.lenet import LeNet
from catseye.runtime.system.json_document import JsonObject
from catseye.training.analysis.figure import figure
from catseye.training.analysis.lenet.ablation import Variant, ablation
from catseye.training.recipes.digits import digit_inputs

NETS, DIGITS = 1000, 1000  # thinned nets, and validation digits they answer for
SHIFTS = [shift for shift in product((-1, 0, 1), repeat=2) if shift != (0, 0)]
WINDOWS = (2, 3)


class Averaged(NamedTuple):
    """The mean of k thinned nets against the whole net, k = 1 .. NETS: ||mean - whole|| / ||whole||
    over all digits.

    linear_distance: of the sums that reach the hidden layer.  logit_distance: behind its ReLU.
    Accuracies, 0-1: of the net whole, of one thinned net in the mean, and of the mean of their
    probabilities.  agreement: how often mean and whole name the same digit.
    """

    linear_distance: list[float]
    logit_distance: list[float]
    whole_accuracy: float
    thinned_accuracy: float
    mean_accuracy: float
    agreement: float


class Pooling(NamedTuple):
    """kept_by_position: of `shifts_kept`.  mean_share: of shifts that keep a lone maximum.
    share_on_digits: of `share_kept`."""

    kept_by_position: list[list[int]]
    mean_share: float
    share_on_digits: float


@dataclass(frozen=True)
class RegularizationAnswer:
    """What the study finds; pooling: by the window's size."""

    every_mask_linear_error: float
    dropout: Averaged
    pooling: dict[str, Pooling]
    ablation: list[Variant]

    def as_json(self) -> JsonObject:
        error = {"every_mask_linear_error": self.every_mask_linear_error}
        return {
            "dropout": error | self.dropout._asdict(),
            "pooling": {size: found._asdict() for size, found in self.pooling.items()},
            "ablation": [variant._asdict() for variant in self.ablation],
        }


def numbers(
    data: str, digits: int, epochs: int, seeds: int, only: Sequence[str] = ()
) -> RegularizationAnswer:
    """data: the folder of mnist/, or "demo"; all else is the ablation's. Raises CatseyeError where
    there are no digits, and for an unknown variant."""
    network = cast(LeNet, load_shipped("digits", "digits"))
    images, labels = digit_inputs(data, "val", DIGITS)
    return RegularizationAnswer(
        every_mask_linear_error=every_mask_error(keep=0.8),
        dropout=mean_of_thinned(network, images, labels),
        pooling={
            str(size): Pooling(
                kept_by_position=shifts_kept(size).tolist(),
                mean_share=float(shifts_kept(size).mean()) / 8,
                share_on_digits=share_kept(network, images, size),
            )
            for size in WINDOWS
        },
        ablation=ablation(data, digits, epochs, seeds, only),
    )


def every_mask_error(keep: float, inputs: int = 10) -> float:
    """|sum over all 2^n masks of P(mask) w . (mask x) - keep w . x| of a linear unit with n random
    inputs."""
    random = np.random.default_rng(0)
    w, x = random.normal(size=(2, inputs))
    masks = np.array(list(product((0, 1), repeat=inputs)))
    probabilities = np.prod(np.where(masks, keep, 1 - keep), 1)
    return float(abs(probabilities @ (masks * x @ w) - keep * w @ x))


@torch.no_grad()
def mean_of_thinned(network: LeNet, images: Tensor, labels: Tensor) -> Averaged:
    """NETS nets that each lack their own half of the features; images (N, 1, 32, 32)."""
    random = torch.Generator().manual_seed(0)
    features, keep = network.features(images), 1 - network.config.dropout
    _, hidden, _, last = network.classify
    whole = hidden(features), last(hidden(features).relu())
    linear, logits, chances = (
        torch.zeros_like(whole[0]),
        torch.zeros_like(whole[1]),
        torch.zeros_like(whole[1]),
    )
    distances: tuple[list[float], list[float]] = ([], [])
    right = 0.0
    for k in range(1, NETS + 1):
        sums = hidden(features * (torch.rand(features.shape[1], generator=random) < keep) / keep)
        answers = last(sums.relu())
        linear, logits, chances = linear + sums, logits + answers, chances + answers.softmax(1)
        right += _share(answers.argmax(1) == labels)
        for found, total, target in zip(distances, (linear, logits), whole):
            found.append(float((total / k - target).norm() / target.norm()))
    named, meant = whole[1].argmax(1), chances.argmax(1)
    return Averaged(
        *distances,
        whole_accuracy=_share(named == labels),
        thinned_accuracy=right / NETS,
        mean_accuracy=_share(meant == labels),
        agreement=_share(named == meant),
    )


def shifts_kept(size: int) -> np.ndarray:
    """(size, size): for a maximum alone at each place of a pooling window, the shifts of 8 that
    leave the output."""
    kept = np.zeros((size, size), int)
    for row, column in np.ndindex(size, size):
        plane = torch.zeros(1, 1, 3 * size, 3 * size)
        plane[0, 0, size + row, size + column] = 1
        kept[row, column] = sum(
            torch.equal(max_pool2d(plane.roll(shift, (2, 3)), size), max_pool2d(plane, size))
            for shift in SHIFTS
        )
    return kept


@torch.no_grad()
def share_kept(network: LeNet, images: Tensor, size: int) -> float:
    """The same on real maps: share of the first layer's positive pooled outputs that a shift leaves
    as they were."""
    maps = network.features[:2](images)
    pooled = max_pool2d(maps, size)
    kept = [max_pool2d(maps.roll(shift, (2, 3)), size) == pooled for shift in SHIFTS]
    return _share(torch.stack(kept)[:, pooled > 0])


def draw(answer: RegularizationAnswer, path: str) -> None:
    """Mean of thinned nets, the variants of LeNet, and the two pooling windows."""
    with figure(path, columns=2, rows=2, height=3.6) as axes:
        for distances, label in (
            (answer.dropout.linear_distance, "sums into the hidden layer: linear"),
            (answer.dropout.logit_distance, "logits"),
        ):
            axes[0].loglog(range(1, NETS + 1), distances, label=label)
        axes[0].set(
            xlabel="thinned nets", ylabel="distance to the whole net", title="dropout: their mean"
        )
        axes[0].legend(loc="lower left", fontsize=7)
        _draw_ablation(axes[1], answer.ablation)
        for axis, size in zip(axes[2:], WINDOWS):
            _draw_window(axis, np.array(answer.pooling[str(size)].kept_by_position))


def _draw_ablation(axis: Axes, variants: list[Variant]) -> None:
    names = [variant.name for variant in variants][::-1]
    for at, variant in enumerate(reversed(variants)):
        wrong = [100 * (1 - right) for right in variant.runs]
        axis.plot(wrong, [at] * len(wrong), "o", ms=3, color="C0", alpha=0.6)
        axis.plot(100 * (1 - variant.val), at, "k|", ms=10)
    axis.set(
        xscale="log",  # a seed that learns nothing leaves room for the others
        yticks=range(len(names)),
        xlabel="% wrong on val",
        title="trained alike on few digits",
    )
    axis.set_yticklabels(names, fontsize=7)


def _draw_window(axis: Axes, kept: np.ndarray) -> None:
    axis.imshow(kept, cmap="Blues", vmin=0, vmax=12)
    for (row, column), number in np.ndenumerate(kept):
        axis.text(column, row, f"{number}/8", ha="center", va="center", fontsize=12)
    size = len(kept)
    axis.set(xticks=[], yticks=[], title=f"shifts that keep {size}x{size} pooling's output")


def _share(true: Tensor) -> float:
    return float(true.float().mean())
