"""Do the tied workers land in one valley? The loss along straight lines between networks, tied and
independent ones.

Networks that begin together end in one valley untied as well, so the trial is of workers that
begin apart, each at first weights of its own.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from catseye.training.analysis.elastic.lab import Costs, Lab
from catseye.training.analysis.elastic.runs import (
    MOMENTUM,
    NEVER,
    WORKERS,
    best_rate,
    with_center,
)
from catseye.training.elastic.rules import Elastic
from catseye.training.elastic.simulation import asynchronous

POINTS = 21
ALIKE = Costs(step_s=1.0, exchange_s=0.0)  # only the order of the events matters here


@dataclass(frozen=True)
class Line:
    """Between two networks.  losses: at POINTS from end to end, on val.

    barrier: the most by which the loss exceeds the straight line between its ends.  distance:
    between the two vectors of weights.
    """

    losses: list[float]
    barrier: float
    distance: float


def valleys(data: str, steps: int) -> dict[str, Line]:
    """By what the line goes from and to; workers begin apart where it is not said otherwise."""
    labs = [Lab(data, seed) for seed in range(WORKERS)]
    lab, apart = labs[0], [each.start for each in labs]
    lines: dict[str, tuple[Tensor, Tensor]] = {}
    for tau in (10, 64):
        rate = best_rate("eamsgd", tau)
        end = with_center(lab, "eamsgd", tau, rate, steps, ALIKE, apart)[1]
        first, second = end.workers[0].x, end.workers[1].x
        lines[f"tied, tau {tau}"] = first, second
        lines[f"worker to center, tau {tau}"] = first, end.center
    ours = independent(lab, 0, steps)
    lines["untied"] = ours, independent(labs[1], 0, steps)
    lines["untied, begun together"] = ours, independent(lab, 1, steps)
    return {name: along(lab, *ends) for name, ends in lines.items()}


def independent(lab: Lab, worker: int, steps: int) -> Tensor:
    """(n,): where momentum SGD takes the batches of one worker that is tied to nobody."""
    torch.manual_seed(lab.seed * 1_000 + worker)
    rule, gradients = Elastic(0.0, MOMENTUM), [lab.gradient(worker)]
    *_, end = asynchronous(rule, NEVER, lab.start, gradients, [0] * steps, best_rate("sgd", 1))
    return end.workers[0].x


def along(lab: Lab, start: Tensor, end: Tensor) -> Line:
    """The loss from one vector of weights to another, and the barrier between them."""
    shares = torch.linspace(0, 1, POINTS)
    losses = [lab.loss(torch.lerp(start, end, float(share))) for share in shares]
    barrier = max(
        loss - (losses[0] + share * (losses[-1] - losses[0]))
        for loss, share in zip(losses, shares.tolist())
    )
    return Line(losses, barrier, float((start - end).norm()))
