"""Vanishing gradients, and what undoes them: the norm of the gradient in every layer of a deep net
before training.

With layers x_l = phi(W_l x_(l-1)) the chain rule gives, for the error E,

    dE/dx_l = (prod_(k > l) W_k^T diag(phi'(W_k x_(k-1)))) dE/dx_depth,
    dE/dW_l = (phi' * dE/dx_l) x_(l-1)^T,

a product of depth - l matrices that shrink what they multiply where phi' or the weights are small
(Hochreiter 1991). Batch normalisation (Ioffe, Szegedy 2015) gives W_l x_(l-1) the scale at which
phi' is not small; a skip connection, x_l = x_(l-1) + phi(W_l x_(l-1)) (He et al. 2016), adds the
identity to every factor. The weights start as torch's do, uniform within 1 / sqrt(width).
"""

import itertools
import os
from dataclasses import asdict, dataclass
from typing import NamedTuple, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from tqdm import tqdm

from catseye.runtime.system.json_document import JsonObject
from catseye.training.analysis.figure import figure
from catseye.training.analysis.spread import over_seeds
from catseye.training.recipes.digits import digit_inputs

DEPTH, WIDTH = 24, 64
DIGITS, BATCH, RATE = 10_000, 128, 1e-3  # one epoch of Adam
ACTIVATIONS = {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu}


class Kind(NamedTuple):
    """A net: its activation, and which of the two cures it has."""

    activation: str
    norm: bool
    skips: bool

    @property
    def cures(self) -> str:
        names = [
            name for name, has in (("batch normalisation", self.norm), ("skips", self.skips)) if has
        ]
        return " and ".join(names) or "plain"


KINDS = [
    Kind(name, norm, skips)
    for name, skips, norm in itertools.product(ACTIVATIONS, (False, True), (False, True))
]


class DeepNet(nn.Module):
    """(N, 1, 32, 32) digits -> (N, 10) logits through `depth` equal fully connected layers."""

    def __init__(self, kind: Kind, depth: int) -> None:
        super().__init__()
        self.activation, self.skips = ACTIVATIONS[kind.activation], kind.skips
        self.first, self.last = nn.Linear(32 * 32, WIDTH), nn.Linear(WIDTH, 10)
        self.layers = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(depth))
        self.norms = nn.ModuleList(
            nn.BatchNorm1d(WIDTH) if kind.norm else nn.Identity() for _ in range(depth)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x.flatten(1))
        for layer, norm in zip(self.layers, self.norms):
            y = self.activation(norm(layer(x)))
            x = x + y if self.skips else y
        return self.last(x)


def gradient_norms(network: DeepNet, x: Tensor, labels: Tensor) -> np.ndarray:
    """(depth,) the norm of dE/dW_l of the mean cross-entropy, from the input's side on."""
    weights = [cast(nn.Linear, layer).weight for layer in network.layers]
    gradients = torch.autograd.grad(cross_entropy(network(x), labels), weights)
    return np.array([float(gradient.norm()) for gradient in gradients])


@dataclass(frozen=True)
class KindMeasured:
    """A kind of net, over the seeds.

    factor_per_layer: what the norm is multiplied by on the way from one layer to the one before it,
    on average.  accuracy: on `val` after one epoch, 0-1.  norms: geometric mean for each layer,
    before training.
    """

    activation: str
    cures: str
    factor_per_layer: float
    accuracy: float
    accuracy_std: float
    norms: list[float]


@dataclass(frozen=True)
class GradientsAnswer:
    """Of nets of `depth` layers."""

    kinds: list[KindMeasured]
    depth: int
    seeds: int

    def as_json(self) -> JsonObject:
        return asdict(self)


def report(data: str, seeds: int) -> GradientsAnswer:
    """Measure and train every kind of net. Raises CatseyeError where there are no digits."""
    (x, labels), (val_x, val_labels) = (
        digit_inputs(data, split, DIGITS) for split in ("train", "val")
    )
    kinds = []
    for kind in tqdm(KINDS, "nets", leave=False):
        norms, accuracies = [], []
        for seed in range(seeds):
            torch.manual_seed(seed)
            network = DeepNet(kind, DEPTH)
            norms.append(gradient_norms(network, x[:BATCH], labels[:BATCH]))
            _train_an_epoch(network, x, labels)
            accuracies.append(_accuracy(network.eval(), val_x, val_labels))
        mean = np.exp(np.log(np.maximum(norms, np.finfo(np.float32).tiny)).mean(0))
        factor = float((mean[0] / mean[-1]) ** (1 / (DEPTH - 1)))
        accuracy = over_seeds(accuracies)
        kinds.append(
            KindMeasured(
                activation=kind.activation,
                cures=kind.cures,
                factor_per_layer=factor,
                accuracy=accuracy.mean,
                accuracy_std=accuracy.std,
                norms=mean.tolist(),
            )
        )
    return GradientsAnswer(kinds, DEPTH, seeds)


def draw(answer: GradientsAnswer, path: str | os.PathLike[str]) -> None:
    """A panel for each activation: the norm by layer, with and without the cures."""
    with figure(path, columns=len(ACTIVATIONS)) as axes:
        for axis, activation in zip(axes, ACTIVATIONS):
            for kind in answer.kinds:
                if kind.activation == activation:
                    axis.semilogy(range(1, DEPTH + 1), kind.norms, ".-", label=kind.cures)
            axis.set(title=activation, xlabel="layer, from the input on", ylim=(1e-22, 1e3))
        axes[0].set_ylabel("norm of dE/dW before training")
        axes[0].legend()


def _train_an_epoch(network: DeepNet, x: Tensor, labels: Tensor) -> None:
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE)
    for chosen in torch.randperm(len(labels)).split(BATCH):
        optimizer.zero_grad()
        cross_entropy(network(x[chosen]), labels[chosen]).backward()
        optimizer.step()


@torch.no_grad()
def _accuracy(network: DeepNet, x: Tensor, labels: Tensor) -> float:
    return float((network(x).argmax(1) == labels).float().mean())
