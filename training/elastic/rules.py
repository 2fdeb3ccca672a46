"""The update rules of EASGD, EAMSGD and DOWNPOUR as functions of flat vectors; knows no network and
no process.

Zhang, Choromanska, LeCun, Deep learning with Elastic Averaging SGD, 2015. p workers minimise the
sum over i of
E f(x^i) + rho/2 ||x^i - center||^2; alpha = rate * rho is the elastic force, beta = p * alpha what
the center feels of all of them. DOWNPOUR: Dean et al. 2012, as that paper gives it.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

BETA = 0.9  # the paper's
NAMES = ("easgd", "eamsgd", "downpour")


class Worker(NamedTuple):
    """x: (n,) its weights.  v: (n,) its velocity; with DOWNPOUR, what it has moved since it last
    spoke."""

    x: Tensor
    v: Tensor


Gradient = Callable[[Tensor], Tensor]  # (n,) a point -> (n,) the gradient there, of one batch
Talk = Callable[[Tensor], Tensor]  # hand a message to the center, wait for its reply: (n,) -> (n,)


class Elastic(NamedTuple):
    """Algorithms 1 (EASGD, momentum 0) and 2 (EAMSGD, Nesterov's momentum). The message is x, the
    reply the center."""

    alpha: float
    momentum: float = 0.0

    def step(
        self, worker: Worker, gradient: Gradient, rate: float, talk: Talk | None = None
    ) -> Worker:
        """x' = x - alpha (x - center) if it talks; v' = momentum v - rate g(x + momentum v); x'' =
        x' + v'.

        The gradient is that of the place before the pull, as in the paper.
        """
        point = worker.x + self.momentum * worker.v
        x = worker.x if talk is None else worker.x - self.alpha * (worker.x - talk(worker.x))
        v = self.momentum * worker.v - rate * gradient(point)
        return Worker(x + v, v)

    def answer(self, center: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """center' = center + alpha (x - center), and the reply: the center before it moved."""
        return center + self.alpha * (x - center), center


class Downpour(NamedTuple):
    """Algorithm 3: the center adds up what the workers have moved. The message is v, the reply the
    new center."""

    def step(
        self, worker: Worker, gradient: Gradient, rate: float, talk: Talk | None = None
    ) -> Worker:
        """x = center + v, v = 0 if it talks; then both move by -rate g(x)."""
        x, v = worker if talk is None else (talk(worker.v), torch.zeros_like(worker.v))
        change = -rate * gradient(x)
        return Worker(x + change, v + change)

    def answer(self, center: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """center' = center + v, and the same as the reply."""
        return center + v, center + v


Rule = Elastic | Downpour


def rule_from_name(name: str, workers: int, beta: float = BETA, momentum: float = 0.9) -> Rule:
    """One of NAMES for so many workers: alpha = beta / workers."""
    if name == "downpour":
        return Downpour()
    return Elastic(beta / workers, momentum if name == "eamsgd" else 0.0)


def together(rule: Elastic, center: Tensor, xs: Tensor) -> Tensor:
    """The synchronous form, all (p, n) workers at once: center' = center + alpha sum_i (x^i -
    center)."""
    return center + rule.alpha * (xs - center).sum(0)
