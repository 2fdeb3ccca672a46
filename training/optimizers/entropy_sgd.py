"""Entropy-SGD: descend on the negative local entropy, whose gradient an inner loop of Langevin
steps estimates.

Chaudhari et al. 2017 (arXiv 1611.01838), algorithm 1. Local entropy and its gradient are

    F(x, gamma) = log integral exp(-f(x') - gamma/2 ||x - x'||^2) dx',
    -grad F(x, gamma) = gamma (x - <x'>),

and one outer update, the t-th from 0 on, with gamma = gamma0 (1 + gamma1)^t, is

    x', mu <- x;  v <- 0
    L times, each with a mini-batch of its own:
        dx' <- grad f(x') + gamma (x' - x)
        v   <- momentum v + dx'
        x'  <- x' - eta' (dx' + momentum v) + sqrt(eta') epsilon N(0, I)
        mu  <- (1 - alpha) mu + alpha x'
    u <- outer_momentum u + (x - mu)
    x <- x - eta gamma ((x - mu) + outer_momentum u)

With an outer momentum of 0 that is x - eta gamma (x - mu), as the paper prints it; its authors'
own program has one (github.com/ucla-vision/entropy-sgd). Both momenta have Nesterov's form, as in
torch's SGD. x' is at rest under exp(-(2 / epsilon^2) (f(x') + gamma/2 ||x - x'||^2)): epsilon =
sqrt(2) is the definition above, a smaller one a colder inner loop, as the paper runs it. Knows
nothing of networks, batches or processes.
"""

import math
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

INNER_STEPS = 5  # the paper's L for recurrent nets; 20 for convolutional ones
# gamma0 eta' of a scoped run: how much of the way back to x an inner step goes at first
PULL = 0.03
# how many times as large gamma is at the end of a scoped run, when the steps go to mu itself
SCOPING = 1.25


def scoped_entropy_sgd(params: ParamsT, rate: float, steps: int, seed: int) -> "EntropySGD":
    """Entropy-SGD for a run of `steps` outer updates, all its constants from `rate`, eta'."""
    gamma0, gamma1 = PULL / rate, SCOPING ** (1 / steps) - 1
    return EntropySGD(
        params, lr=1 / (SCOPING * gamma0), inner_lr=rate, gamma0=gamma0, gamma1=gamma1, seed=seed
    )


class EntropySGD(torch.optim.Optimizer):
    """`step(closure)` is one outer update; it calls `closure` L times, each of which must draw the
    next mini-batch.

    lr: eta, of the outer update, which goes the share eta gamma of the way to mu.  inner_lr: eta'.
    momentum: of the inner loop.  noise: epsilon. weight_decay: weight of 1/2 ||x'||^2 in f.

    Between two updates there is no state but the number of the update and, with an outer momentum,
    u: the inner loop starts anew from x, and its noise follows from (seed, t) alone, on the
    weights' own device. So a run that goes on from a `state_dict` is the unbroken run to the bit,
    and processes that share weights and gradients share the noise.
    """

    def __init__(
        self,
        params: ParamsT,
        *,
        lr: float,
        inner_lr: float,
        gamma0: float,
        gamma1: float = 0.0,
        inner_steps: int = INNER_STEPS,
        momentum: float = 0.9,
        outer_momentum: float = 0.0,
        alpha: float = 0.75,
        noise: float = 1e-4,
        weight_decay: float = 0.0,
        seed: int = 0,
    ) -> None:
        positive = {
            "lr": lr,
            "inner_lr": inner_lr,
            "gamma0": gamma0,
            "inner_steps": inner_steps,
            "alpha": alpha,
        }
        for name, value in positive.items():
            if not 0 < value < math.inf:
                raise ValueError(f"{name} is {value}, not a finite number above 0")
        defaults = dict(
            lr=lr,
            inner_lr=inner_lr,
            gamma0=gamma0,
            gamma1=gamma1,
            inner_steps=inner_steps,
            momentum=momentum,
            outer_momentum=outer_momentum,
            alpha=alpha,
            noise=noise,
            weight_decay=weight_decay,
            seed=seed,
            t=0,
        )
        super().__init__(params, defaults)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """That of a checkpoint, of before there was an outer momentum too."""
        super().__setstate__(state)
        for group in self.param_groups:
            group.setdefault("outer_momentum", 0.0)

    @torch.no_grad()
    # there is no step without one
    def step(self, closure: Callable[[], float]) -> float:  # type: ignore[override]
        """One outer update; the mean of what the L calls of `closure` returned, the loss at each
        x'."""
        evaluate = torch.enable_grad()(closure)
        walks = [_Walk(p, group) for group in self.param_groups for p in group["params"]]
        inner_steps, total = self.param_groups[0]["inner_steps"], 0.0
        generators = self._generators()
        for _ in range(inner_steps):
            total += float(evaluate())
            for walk in walks:
                walk.step(generators[walk.weight.device])
        for walk in walks:
            walk.end(self.state)
        for group in self.param_groups:
            group["t"] += 1
        return total / inner_steps

    def _generators(self) -> dict[torch.device, torch.Generator]:
        """The noise of this update, by device."""
        seed = self.param_groups[0]["seed"] * 1_000_000_007 + self.param_groups[0]["t"]
        devices = {p.device for group in self.param_groups for p in group["params"]}
        return {device: torch.Generator(device).manual_seed(seed) for device in devices}


class _Walk:
    """One weight's part of an outer update: the weight itself is x', then x again."""

    def __init__(self, weight: Tensor, group: Mapping[str, float]) -> None:
        """group: the constants of the update by name, and the number `t` of it."""
        self.weight, self.group = weight, group
        self.gamma = group["gamma0"] * (1 + group["gamma1"]) ** group["t"]
        self.x, self.mu, self.v = weight.clone(), weight.clone(), torch.zeros_like(weight)

    def step(self, generator: torch.Generator) -> None:
        """x' and mu from the gradient of the mini-batch; where none came (a layer was skipped), it
        is 0."""
        group, x_prime = self.group, self.weight
        dx = self.gamma * (x_prime - self.x)
        if x_prime.grad is not None:
            dx += x_prime.grad
        dx.add_(x_prime, alpha=group["weight_decay"])
        self.v.mul_(group["momentum"]).add_(dx)
        x_prime.add_(dx.add_(self.v, alpha=group["momentum"]), alpha=-group["inner_lr"])
        if group["noise"]:
            thermal = torch.empty_like(x_prime).normal_(generator=generator)
            x_prime.add_(thermal, alpha=math.sqrt(group["inner_lr"]) * group["noise"])
        self.mu.lerp_(x_prime, group["alpha"])

    def end(self, state: MutableMapping[Tensor, dict[str, Tensor]]) -> None:
        """The weight becomes x of the next update; u is in the weight's `state`."""
        share, momentum = self.group["lr"] * self.gamma, self.group["outer_momentum"]
        self.weight.copy_(torch.lerp(self.x, self.mu, share))
        if momentum:
            u = state[self.weight].setdefault("u", torch.zeros_like(self.x))
            u.mul_(momentum).add_(self.x - self.mu)
            self.weight.add_(u, alpha=-share * momentum)
