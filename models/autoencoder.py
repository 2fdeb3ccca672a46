"""The lecture's autoencoder: one hidden layer that learns to give its input back.

    a = f(W1 x + b1),   h(x) = W2 a + b2,   J = 1/m sum 1/2 ||h(x) - x||^2

Fewer units than inputs: a bottleneck. Units that are mostly silent: the sparse autoencoder,
J + beta sum_j KL(rho || rho_hat_j), rho_hat_j being the mean activation of unit j over the training
set (A. Ng, CS294A lecture notes, "Sparse autoencoder"). To J comes decay / 2 ||W2||^2: without it
the units hum at rho, hardly moving, and a large W2 makes a linear code of that. Beside autograd
stands the lecture's back-propagation by hand, its truth.
Knows vectors, nothing of pictures or of training.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from catseye.runtime.health.out_of_distribution import Reference

# norm of a 10x10 patch whose standard deviation is 5 grey levels of 255: weaker ones are not
# blown up
FLOOR = 0.2
# nearer to 0 or 1, where KL and its slope have no bounds, KL goes on as a straight line
NEVER = 1e-4


@dataclass(frozen=True, kw_only=True)
class AutoencoderConfig:
    """patch: side of a patch, n = patch^2.  units: hidden ones.  stride: pixels between the patches
    of a whole frame.

    rho: the mean activation wanted of a unit.  beta: weight of the KL term; 0: a plain autoencoder.
    decay: see above. known: names of the sets of frames whose profiles it carries
    (runtime/health/out_of_distribution.py).
    linear: f(v) = v in place of the sigmoid, whose activations are no probabilities: with beta 0
    only.
    """

    patch: int = 10
    units: int = 100
    stride: int = 20
    rho: float = 0.05
    beta: float = 0.1
    decay: float = 0.01
    linear: bool = False
    known: tuple[str, ...] = ()


class Autoencoder(nn.Module):
    """(P, n) float32 patches of mean 0 and norm 1 -> (P, n) float32 rebuilt ones."""

    rho_hat: Tensor
    known_mean: Tensor
    known_whiten: Tensor

    def __init__(self, config: AutoencoderConfig = AutoencoderConfig()) -> None:
        super().__init__()
        self.config = config
        n = config.patch**2
        self.encode, self.decode = nn.Linear(n, config.units), nn.Linear(config.units, n)
        bound = math.sqrt(6 / (n + config.units + 1))
        for layer in (self.encode, self.decode):
            nn.init.uniform_(layer.weight, -bound, bound)
            nn.init.zeros_(layer.bias)
        if config.beta > 0:  # silent from the start
            nn.init.constant_(self.encode.bias, math.log(config.rho / (1 - config.rho)))
        # a running estimate of training
        self.register_buffer("rho_hat", torch.full((config.units,), config.rho))

        numbers = 1 + config.units  # of a profile
        self.register_buffer(
            "known_mean", torch.zeros(len(config.known), numbers, dtype=torch.float64)
        )
        self.register_buffer(
            "known_whiten", torch.zeros(len(config.known), numbers, numbers, dtype=torch.float64)
        )

    def activations(self, x: Tensor) -> Tensor:
        """(P, n) -> (P, units): a."""
        v = self.encode(x)
        return v if self.config.linear else torch.sigmoid(v)

    def forward(self, x: Tensor) -> Tensor:
        return self.decode(self.activations(x))

    def known(self) -> list[Reference]:
        """The sets of frames that it knows."""
        numbers = zip(self.known_mean.numpy(), self.known_whiten.numpy())
        return [Reference(name, *pair) for name, pair in zip(self.config.known, numbers)]


def kl_divergence(rho: float, rho_hat: Tensor) -> Tensor:
    """KL(rho || rho_hat) = rho log(rho / rho_hat) + (1 - rho) log((1 - rho) / (1 - rho_hat)), per
    element."""
    near = rho_hat.clamp(NEVER, 1 - NEVER)
    kl = rho * (rho / near).log() + (1 - rho) * ((1 - rho) / (1 - near)).log()
    return kl + kl_slope(rho, near) * (rho_hat - near)


def kl_slope(rho: float, rho_hat: Tensor) -> Tensor:
    """Its derivative by rho_hat, the lecture's extra term of delta: -rho / rho_hat + (1 - rho) / (1
    - rho_hat)."""
    rho_hat = rho_hat.clamp(NEVER, 1 - NEVER)
    return -rho / rho_hat + (1 - rho) / (1 - rho_hat)


def squared_error(network: Autoencoder, x: Tensor, a: Tensor) -> Tensor:
    """J of x (m, n) with its activations a (m, units): 1/m sum 1/2 ||h(x) - x||^2 + decay / 2
    ||W2||^2."""
    decayed = network.config.decay * network.decode.weight.square().sum() / 2
    return (network.decode(a) - x).square().sum(1).mean() / 2 + decayed


def sparse_objective(network: Autoencoder, x: Tensor) -> Tensor:
    """J_sparse of a whole training set `x` (m, n): the exact one, its rho_hat taken over all of
    `x`."""
    config, a = network.config, network.activations(x)
    return squared_error(network, x, a) + config.beta * kl_divergence(config.rho, a.mean(0)).sum()


@torch.no_grad()
def gradients_by_hand(network: Autoencoder, x: Tensor) -> dict[str, Tensor]:
    """The gradient of `sparse_objective` by the lecture's back-propagation, by parameter name
    (sigmoid units).

    delta3 = h(x) - x;  delta2 = (W2^T delta3 + beta (-rho / rho_hat + (1 - rho) / (1 - rho_hat))) a
    (1 - a);
    gradients are means of delta3 a^T (plus decay W2), delta3, delta2 x^T and delta2 over the
    training set.
    """
    config, m = network.config, len(x)
    a = network.activations(x)
    delta3 = network.decode(a) - x
    extra = config.beta * kl_slope(config.rho, a.mean(0))
    delta2 = (delta3 @ network.decode.weight + extra) * a * (1 - a)
    return {
        "encode.weight": delta2.T @ x / m,
        "encode.bias": delta2.mean(0),
        "decode.weight": delta3.T @ a / m + config.decay * network.decode.weight,
        "decode.bias": delta3.mean(0),
    }


def strongest_inputs(weights: Tensor) -> Tensor:
    """(units, n) weights W1 -> (units, n): the input of norm 1 that excites each unit most, x_j =
    W_ij / ||W_i||."""
    return weights / weights.norm(dim=1, keepdim=True)
