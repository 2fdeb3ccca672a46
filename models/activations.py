"""The activation functions that the lecture names, each with its derivative written out: no
autograd.

Values and derivatives are element by element on tensors of any shape and float type; at a kink the
derivative is that of the left side. Softmax mixes the elements of a row, so it has a Jacobian
instead.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

LEAK = 0.01


class Activation(NamedTuple):
    """g and g'."""

    value: Callable[[Tensor], Tensor]
    derivative: Callable[[Tensor], Tensor]


def noisy_relu(seed: int) -> Activation:
    """max(0, a + n), n normal of variance sigmoid(a) (Nair and Hinton 2010); one seed, one noise
    for each shape.

    n = sqrt(sigmoid(a)) e with e held fixed, so dn/da = n (1 - sigmoid(a)) / 2.
    """

    def noise(a: Tensor) -> Tensor:
        random = torch.Generator().manual_seed(seed)
        return a.sigmoid().sqrt() * torch.randn(a.shape, generator=random, dtype=a.dtype)

    def derivative(a: Tensor) -> Tensor:
        n = noise(a)
        return _step(a + n) * (1 + n * (1 - a.sigmoid()) / 2)

    return Activation(lambda a: (a + noise(a)).clamp_min(0), derivative)


def softmax(a: Tensor) -> Tensor:
    """(..., K) -> (..., K): p_i = exp(a_i) / sum_k exp(a_k); the largest a is taken off, which
    changes nothing."""
    e = (a - a.amax(-1, keepdim=True)).exp()
    return e / e.sum(-1, keepdim=True)


def softmax_jacobian(a: Tensor) -> Tensor:
    """(..., K) -> (..., K, K): dp_i / da_j = p_i (1[i = j] - p_j)."""
    p = softmax(a)
    return torch.diag_embed(p) - p[..., :, None] * p[..., None, :]


def _step(a: Tensor) -> Tensor:
    return (a > 0).to(a.dtype)


def _sigmoid(a: Tensor) -> Tensor:
    return 1 / (1 + (-a).exp())


ACTIVATIONS = {
    "unit step": Activation(_step, torch.zeros_like),
    "signum": Activation(torch.sign, torch.zeros_like),
    "ReLU": Activation(lambda a: a.clamp_min(0), _step),
    "leaky ReLU": Activation(
        lambda a: torch.where(a > 0, a, LEAK * a), lambda a: LEAK + (1 - LEAK) * _step(a)
    ),
    "noisy ReLU": noisy_relu(seed=0),
    "softplus": Activation(lambda a: a.clamp_min(0) + (-a.abs()).exp().log1p(), _sigmoid),
    "sigmoid": Activation(_sigmoid, lambda a: _sigmoid(a) * (1 - _sigmoid(a))),
    "tanh": Activation(torch.tanh, lambda a: 1 - a.tanh() ** 2),
}
