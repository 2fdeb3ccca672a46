"""Minima to look at: small problems brought to the bottom of their loss by each optimizer, in as
many gradients.

No distortion, no dropout, no weight decay: what ends a run is a minimum of the plain loss on a
fixed set of samples, and the Hessian of just that loss is what the studies take. The rate of SGD
and AdamW falls as half a cosine, while Entropy-SGD keeps its own and lets gamma grow, as in the
shared loop. Knows how to descend, and three problems.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from catseye.models.autoencoder import Autoencoder, AutoencoderConfig, sparse_objective
from catseye.models.lenet import LeNet, LeNetConfig
from catseye.models.road import NANO, RoadNet
from catseye.runtime.classes import VOID
from catseye.runtime.datasets.road import road_samples
from catseye.runtime.errors import CatseyeError
from catseye.training.analysis.minima.spectrum import Hessian
from catseye.training.optimizers.entropy_sgd import INNER_STEPS, scoped_entropy_sgd
from catseye.training.patches import patches_of
from catseye.training.plan import ENTROPY_SGD
from catseye.training.recipes.digits import digit_inputs
from catseye.training.road.prediction import network_input_from_bgr

OPTIMIZERS = ("sgd", "adamw", ENTROPY_SGD)
DIGITS, PATCHES, CROPS, CROP = 5_000, 2_000, 12, 96


class Problem(NamedTuple):
    """A network to be trained on fixed samples: loss(network, x, y); rates by optimizer; a batch's
    size."""

    network: nn.Module
    x: Tensor
    y: Tensor
    loss: Callable[[nn.Module, Tensor, Tensor], Tensor]
    rates: dict[str, float]
    batch: int

    def loss_on(self, samples: int) -> Tensor:
        """The loss on the first `samples`, with its graph."""
        return self.loss(self.network, self.x[:samples], self.y[:samples])

    def hessian(self, samples: int) -> Hessian:
        """Of that loss at what is trained."""
        return Hessian(
            self.loss_on(samples), [p for p in self.network.parameters() if p.requires_grad]
        )


def descend(problem: Problem, optimizer: str, gradients: int, seed: int) -> None:
    """Train the problem's network with so many mini-batches, and leave it in evaluation mode.

    Raises CatseyeError where it diverges.
    """
    torch.manual_seed(seed)
    network, batches = problem.network.train(), endless_batches(problem)
    steps = gradients // (INNER_STEPS if optimizer == ENTROPY_SGD else 1)
    rate = problem.rates[optimizer]
    optimizing = _optimizer(network, optimizer, rate, steps, seed)

    def closure() -> float:
        optimizing.zero_grad()
        loss = problem.loss(network, *next(batches))
        loss.backward()
        return loss.item()

    for step in range(steps):
        if optimizer != ENTROPY_SGD:
            optimizing.param_groups[0]["lr"] = rate * (1 + math.cos(math.pi * step / steps)) / 2
        if not math.isfinite(optimizing.step(closure)):
            raise CatseyeError(
                f"the loss diverged after {step} steps of {optimizer}", "finite numbers"
            )
    network.eval()


def digits_problem(data: str, seed: int, hidden: int = 128) -> Problem:
    """The lecture's LeNet, with `hidden` units for its 128, on the first digits of MNIST."""
    torch.manual_seed(seed)
    network = LeNet(LeNetConfig(dropout=0.0))
    network.classify[1], network.classify[3] = nn.Linear(150, hidden), nn.Linear(hidden, 10)
    x, labels = digit_inputs(data, "train", DIGITS)
    rates = {"sgd": 0.05, "adamw": 5e-3, ENTROPY_SGD: 0.1}
    return Problem(network, x, labels, _cross_entropy, rates, batch=64)


def autoencoder_problem(data: str, seed: int, units: int = 100) -> Problem:
    """The plain autoencoder on 10x10 patches of photographs; they are their own answers."""
    torch.manual_seed(seed)
    x = patches_of(data, "train", PATCHES, 10, seed)
    # by a larger one SGD closes every unit: 100 of them at 1/2 are a curvature of 25
    rates = {"sgd": 0.04, "adamw": 5e-3, ENTROPY_SGD: 0.04}
    network = Autoencoder(AutoencoderConfig(units=units, beta=0.0, decay=0.0))
    return Problem(
        network,
        x,
        x,
        lambda net, x, _: sparse_objective(cast(Autoencoder, net), x),
        rates,
        batch=256,
    )


def road_problem(data: str, seed: int, share_of_widths: float = 1.0) -> Problem:
    """The small road network, or one of a share of its widths, on crops from the middle of CamVid's
    frames."""
    torch.manual_seed(seed)
    widths = tuple(int(width * share_of_widths) for width in NANO.widths)
    network = RoadNet(replace(NANO, widths=widths, decoder=int(NANO.decoder * share_of_widths)))
    for p in network.classify_deep.parameters():
        p.requires_grad_(False)  # the auxiliary head has no part in the answer
    samples = road_samples(data, "train")
    crops = [_middle(*sample.read()) for sample in samples[:: len(samples) // CROPS][:CROPS]]
    images, masks = (np.stack(parts) for parts in zip(*crops))
    rates = {"sgd": 0.05, "adamw": 2e-3, ENTROPY_SGD: 0.1}
    return Problem(
        network=network,
        x=network_input_from_bgr(images),
        y=torch.from_numpy(masks).long(),
        loss=_cross_entropy,
        rates=rates,
        batch=6,
    )


def _cross_entropy(network: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    return cross_entropy(network(x), y, ignore_index=VOID)


def _middle(image: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A square of CROP from (H, W, 3) and (H, W)."""
    y, x = (mask.shape[0] - CROP) // 2, (mask.shape[1] - CROP) // 2
    return image[y : y + CROP, x : x + CROP], mask[y : y + CROP, x : x + CROP]


def endless_batches(problem: Problem) -> Iterator[tuple[Tensor, Tensor]]:
    """Without end, each epoch in another order."""
    while True:
        for chosen in torch.randperm(len(problem.x)).split(problem.batch):
            if len(chosen) == problem.batch:
                yield problem.x[chosen], problem.y[chosen]


def _optimizer(
    network: nn.Module, name: str, rate: float, steps: int, seed: int
) -> torch.optim.Optimizer:
    weights = [p for p in network.parameters() if p.requires_grad]
    if name == ENTROPY_SGD:
        return scoped_entropy_sgd(weights, rate, steps, seed)
    if name == "sgd":
        return torch.optim.SGD(weights, lr=rate, momentum=0.9, nesterov=True)
    return torch.optim.AdamW(weights, lr=rate, weight_decay=0.0)
