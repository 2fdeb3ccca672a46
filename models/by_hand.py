"""Learning written out, as in the lecture and without autograd: the perceptron, and
back-propagation.

    z^l = g(a^l), a^l = sum_k w_kl z^k and so on down to the inputs;   no biases
    R = (1/N) sum_n 1/2 |y^n - z_l^n|^2

    delta_l = -(y - z_l) g'(a_l)                  dR/dw_kl = (1/N) sum_n delta_l^n z_k^n
    delta_k = (sum_l delta_l w_kl) g'(a_k)        dR/dw_jk = (1/N) sum_n delta_k^n z_j^n
    delta_j = (sum_k delta_k w_jk) g'(a_j)        dR/dw_ij = (1/N) sum_n delta_j^n z_i^n

z_i are the inputs. Weights are (from, to) matrices in the order of the layers, as many as wanted.
They may have leading dimensions: so many nets at once, each with the same examples.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from catseye.models.activations import ACTIVATIONS, Activation


class Pass(NamedTuple):
    """What forward propagation leaves behind, by layer: z[0] is the input, a[l] the sum whose g is
    z[l + 1]."""

    a: list[Tensor]
    z: list[Tensor]


def propagate(x: Tensor, weights: Sequence[Tensor], g: Activation) -> Pass:
    """Forward: (N, inputs) examples through every layer."""
    a: list[Tensor] = []
    z = [x]
    for w in weights:
        a.append(z[-1] @ w)
        z.append(g.value(a[-1]))
    return Pass(a, z)


def gradients(x: Tensor, y: Tensor, weights: Sequence[Tensor], g: Activation) -> list[Tensor]:
    """Backward: dR/dw of every layer, in the order of `weights`; y (N, outputs)."""
    a, z = propagate(x, weights, g)
    delta = -(y - z[-1]) * g.derivative(a[-1])
    found = [z[-2].mT @ delta / len(x)]
    for layer in range(len(weights) - 2, -1, -1):
        delta = (delta @ weights[layer + 1].mT) * g.derivative(a[layer])
        found.append(z[layer].mT @ delta / len(x))
    return found[::-1]


def squared_loss(x: Tensor, y: Tensor, weights: Sequence[Tensor], g: Activation) -> Tensor:
    """R of every net."""
    return (y - propagate(x, weights, g).z[-1]).square().sum(-1).mean(-1) / 2


def descend(
    x: Tensor, y: Tensor, weights: Sequence[Tensor], g: Activation, rate: float, steps: int
) -> list[Tensor]:
    """w <- w - rate dR/dw, `steps` times over all examples."""
    weights = list(weights)
    for _ in range(steps):
        weights = [w - rate * slope for w, slope in zip(weights, gradients(x, y, weights, g))]
    return weights


class PerceptronRun(NamedTuple):
    """weights: (inputs,).  mistakes: of each sweep, the last one 0 where it converged.  repeats:
    whether a sweep began with the weights of an earlier one: the rule has no other memory, so from
    there on it goes in a circle for ever.
    """

    weights: Tensor
    mistakes: list[int]
    repeats: bool


def perceptron(x: Tensor, y: Tensor, sweeps: int) -> PerceptronRun:
    """Rosenblatt's rule from w = 0: for every example in turn, w <- w + (y - step(w . x)) x; y (N,)
    in {0, 1}.

    Ends after the first sweep without mistakes, else after `sweeps`.
    """
    step = ACTIVATIONS["unit step"].value
    w = torch.zeros_like(x[0])
    mistakes: list[int] = []
    starts: list[tuple[float, ...]] = []
    while len(mistakes) < sweeps and 0 not in mistakes:
        starts.append(tuple(w.tolist()))
        errors = 0
        for example, target in zip(x, y):
            error = target - step(example @ w)
            w = w + error * example
            errors += int(error != 0)
        mistakes.append(errors)
    return PerceptronRun(w, mistakes, len(set(starts)) < len(starts))
