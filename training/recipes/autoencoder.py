"""Recipe for the autoencoder: patches of photographs given back, its units mostly silent, and the
frames it then knows.

Protocol of the sparse coder: 10x10 grey patches, mean removed, norm 1, near-constant ones skipped.
The lecture's rho_hat is a mean over the whole training set; a step sees one batch, so it takes the
slope of the KL term at a running estimate (`running_penalty`), and `evaluate` tells how far that is
from the exact one.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from catseye.models.autoencoder import (
    Autoencoder,
    AutoencoderConfig,
    kl_divergence,
    kl_slope,
    squared_error,
)
from catseye.runtime.datasets import DEMO
from catseye.runtime.datasets.bsds import name_of_photographs
from catseye.runtime.system.json_document import Json, JsonObject
from catseye.training.patches import held_out_patches, patches_of
from catseye.training.recipes.known_frames import Frames, known_frames, learn_known
from catseye.training.recipes.recipe import batch_size

PATCHES, DEMO_PATCHES = 100_000, 20_000
BATCH = 256
MEMORY = 0.99  # of the running estimate: it looks back on some hundred batches


class AutoencoderRecipe:
    """Train on patches of `train`, validate by J_sparse: error on patches of `val`, rho_hat over
    all of `train`."""

    task = "autoencoder"
    metric = "minus_j_sparse"
    learning_rates = {"adamw": 2e-2, "sgd": 0.5}
    weight_decay = 0.0
    averaging = 0.0
    mixed_precision = False

    def __init__(
        self,
        data: str,
        seed: int = 0,
        *,
        patches: int = 0,
        batch: int = 0,
        known: Frames | None = None,
        **config: Any,
    ) -> None:
        """patches: how many to train with; 0 for the recipe's number.  batch: those of a
        batch, likewise.  known: frames to know; None: those of `data`.

        config: fields of AutoencoderConfig.
        """
        self.data, self.seed = data, seed
        torch.manual_seed(seed)
        self.known = known_frames(data) if known is None else known
        self.network = Autoencoder(AutoencoderConfig(**config, known=tuple(self.known)))
        size = self.network.config.patch
        patches = patches or (DEMO_PATCHES if data == DEMO else PATCHES)
        self.train = patches_of(data, "train", patches, size, seed)
        self.batch = batch_size(batch, BATCH, len(self.train))
        self.validation = held_out_patches(data, "val", size)

    def steps_per_epoch(self) -> int:
        return len(self.train) // self.batch

    def batches(self, epoch: int) -> Iterator[tuple[Tensor]]:
        """(N, n) patches."""
        order = torch.from_numpy(
            np.random.default_rng((self.seed, epoch)).permutation(len(self.train))
        )
        for chosen in order.split(self.batch)[: self.steps_per_epoch()]:
            yield (self.train[chosen],)

    def loss(self, network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        """J_sparse of the batch, with `running_penalty` for its KL term."""
        (x,), autoencoder = batch, cast(Autoencoder, network)
        a = autoencoder.activations(x)
        return squared_error(autoencoder, x, a) + autoencoder.config.beta * running_penalty(
            autoencoder, a
        )

    @torch.no_grad()
    def evaluate(self, network: nn.Module, device: torch.device) -> Mapping[str, Json]:
        """minus_j_sparse: the objective, more is better.  explained: 1 - mean ||x - h(x)||^2 on
        `val`.

        rho_hat: the exact one's mean.  rho_hat_off: how far units are from rho at most.
        running_rho_hat_off: how far the running estimate is from the exact one at most. The frames
        that the network knows are measured anew, since their profiles go with its weights.
        """
        autoencoder, x = cast(Autoencoder, network), self.validation.to(device)
        config, a = autoencoder.config, autoencoder.activations(x)
        explained = 1 - float((autoencoder.decode(a) - x).square().sum(1).mean())
        exact = autoencoder.activations(self.train.to(device)).mean(0)
        penalty = config.beta * kl_divergence(config.rho, exact).sum()
        learn_known(autoencoder, self.known)
        return {
            "minus_j_sparse": -float(squared_error(autoencoder, x, a) + penalty),
            "explained": explained,
            "rho_hat": float(exact.mean()),
            "rho_hat_off": float((exact - config.rho).abs().max()),
            "running_rho_hat_off": float((exact - autoencoder.rho_hat).abs().max()),
            "patches": len(x),
        }

    def describe_data(self) -> JsonObject:
        """Where the patches come from; a run is resumed only under the same terms."""
        config = self.network.config
        name = name_of_photographs(self.data) + " train"
        description: JsonObject = {
            "name": name,
            "patches": len(self.train),
            "validated_on": "val",
            "known": list(config.known),
        }
        return description | {
            "units": config.units,
            "rho": config.rho,
            "beta": config.beta,
            "decay": config.decay,
            "linear": config.linear,
        }


def running_penalty(network: Autoencoder, a: Tensor) -> Tensor:
    """sum_j KL(rho || rho_hat_j) with rho_hat estimated from the batches so far: a (P, units) is
    the newest one's.

    rho_hat <- MEMORY rho_hat + (1 - MEMORY) mean(a). The value is the divergence at the estimate;
    the gradient is
    sum_j slope_j grad mean(a_j), the slope taken at the estimate. Over batches that make up the
    training set it averages to the exact gradient wherever the estimate is exact.
    """
    rho, mean = network.config.rho, a.mean(0)
    with torch.no_grad():
        network.rho_hat.lerp_(mean, 1 - MEMORY)
    slope = kl_slope(rho, network.rho_hat)
    return kl_divergence(rho, network.rho_hat).sum() + (slope * (mean - mean.detach())).sum()
