"""Several workers played in one process, in an order of events that is given: the rules without the
wire.

Deterministic, so it is what the real processes are compared with and what the studies are made
with. Knows functions that give gradients, never networks.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from catseye.training.elastic.rules import Elastic, Gradient, Rule, Worker, together


class Moment(NamedTuple):
    """After an event: the center (n,), all workers, and how often any of them has spoken with the
    center so far."""

    center: Tensor
    workers: list[Worker]
    exchanges: int


class Event(NamedTuple):
    """A local step of a worker that ends at `time_s`."""

    time_s: float
    worker: int


def asynchronous(
    rule: Rule,
    tau: int,
    start: Tensor,
    gradients: Sequence[Gradient],
    order: Iterable[int],
    rate: float,
    apart: Sequence[Tensor] = (),
) -> Iterator[Moment]:
    """Worker k takes a local step wherever `order` says k; it talks to the center before every
    tau-th of its own.

    start: (n,), where all of them begin.  gradients: one for each worker.  apart: where each worker
    begins instead, the center at `start` all the same.
    """
    center, exchanges = start, 0
    workers = [Worker(x, torch.zeros_like(x)) for x in apart or [start] * len(gradients)]
    steps = [0] * len(workers)

    def talk(message: Tensor) -> Tensor:
        nonlocal center, exchanges
        center, reply = rule.answer(center, message)
        exchanges += 1
        return reply

    for k in order:
        workers[k] = rule.step(
            workers[k], gradients[k], rate, talk if steps[k] % tau == 0 else None
        )
        steps[k] += 1
        yield Moment(center, workers, exchanges)


def synchronous(
    rule: Elastic, tau: int, start: Tensor, gradients: Sequence[Gradient], rounds: int, rate: float
) -> Iterator[Moment]:
    """All workers step at once, `rounds` times, and speak with the center at once before every
    tau-th step."""
    center, exchanges = start, 0
    workers = [Worker(start, torch.zeros_like(start)) for _ in gradients]
    for number in range(rounds):
        before, talks = center, number % tau == 0
        if talks:
            center = together(rule, center, torch.stack([worker.x for worker in workers]))
            exchanges += len(workers)
        pull = (lambda _, before=before: before) if talks else None
        workers = [
            rule.step(worker, gradient, rate, pull) for worker, gradient in zip(workers, gradients)
        ]
        yield Moment(center, workers, exchanges)


def order_of_events(
    workers: int,
    steps: int,
    tau: int,
    step_s: float,
    exchange_s: float,
    spread: float = 0.1,
    seed: int = 0,
) -> list[Event]:
    """Who ends a local step when, if each worker has a core of its own and the center serves one
    after the other.

    steps: of each worker.  step_s: mean time of one, which varies evenly by `spread` of itself.
    exchange_s: how long the center and a worker are busy with each other.
    """
    random = torch.Generator().manual_seed(seed)
    ready, center_free, taken = [(0.0, k) for k in range(workers)], 0.0, [0] * workers
    events = []
    while ready:
        now, k = heapq.heappop(ready)
        if taken[k] % tau == 0:
            now = center_free = max(now, center_free) + exchange_s
        now += step_s * (1 + spread * (2 * float(torch.rand((), generator=random)) - 1))
        events.append(Event(now, k))
        taken[k] += 1
        if taken[k] < steps:
            heapq.heappush(ready, (now, k))
    return events
