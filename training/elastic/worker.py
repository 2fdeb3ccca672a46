"""A worker: takes its terms and the first weights from the center, then steps on its own batches
until it is over.

It makes its own passes over the whole data, in an order of its own, as in the paper.
"""

import json
import math
from collections.abc import Iterator
from itertools import count

import torch
from torch import Tensor

from catseye.models.meta import EARLIEST_SEED
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.json_document import Fields, JsonObject
from catseye.runtime.system.prefetch import Prefetched
from catseye.training.elastic.center import Summary
from catseye.training.elastic.exchange import WorkerLine
from catseye.training.elastic.flat import FlatNetwork
from catseye.training.elastic.rules import NAMES, Worker, rule_from_name
from catseye.training.loop import AHEAD
from catseye.training.processes import seed_epoch
from catseye.training.recipes.recipe import Recipe
from catseye.training.steps import warm_cosine

MOST = 1000  # workers whose batches are told apart
SCALE = 10_000  # steps that the schedule's 0-1 is divided into


class Talker:
    """A worker's side of the exchange, and what the center last said of the run."""

    def __init__(self, line: WorkerLine, flat: FlatNetwork) -> None:
        self.line, self.flat = line, flat
        self.losses: list[float] = []  # since it last spoke

    def first(self) -> Tensor:
        """Say hello; the center, (n,)."""
        return self._ask(torch.zeros(0))

    def talk(self, message: Tensor) -> Tensor:
        """Exchange by the rule; the reply, (n,). Raises CatseyeError where this worker diverged, or
        the center is gone."""
        if not all(map(math.isfinite, self.losses)):
            found = f"worker {self.line.name} diverged"
            raise CatseyeError(
                found, "finite losses", "let the workers exchange more often (a smaller --tau)"
            )
        reply = self._ask(torch.cat([message, self.flat.statistics()]))
        self.losses = []
        return reply

    def _ask(self, vector: Tensor) -> Tensor:
        reply = self.line.ask({"losses": self.losses}, vector)
        self.summary = Summary.of(reply.header)
        return reply.vector.to(self.flat.device)


def work(recipe: Recipe, line: WorkerLine, device: torch.device) -> int:
    """Take part until the center says that it is over; how many gradients that were. Raises
    CatseyeError for the center of another task."""
    flat = FlatNetwork(recipe, device)
    talker = Talker(line, flat)
    worker = Worker(talker.first(), torch.zeros_like(flat.weights()))
    begin = talker.summary
    _refuse_another_task(recipe, begin.terms)
    terms = Fields(
        begin.terms, path="terms", of="the center", fix="update catseye", kind=CatseyeError
    )
    rule = rule_from_name(
        terms.text("rule", among=NAMES),
        begin.workers,
        terms.number("beta"),
        terms.number("momentum"),
    )
    tau, number = terms.integer("tau", 1), int(line.name)
    with Prefetched(worker_batches(recipe, number, begin.epoch), AHEAD, "batches") as batches:
        seed_epoch(terms.integer("seed", EARLIEST_SEED), begin.epoch, number + 1)
        for step in count():
            if talker.summary.over:
                return step
            talk = talker.talk if step % tau == 0 else None
            rate = begin.rate * schedule(talker.summary.done)
            worker = rule.step(worker, lambda x: flat.gradient(x, next(batches)), rate, talk)
            talker.losses.append(flat.loss)
    raise AssertionError("count() has no end")


def schedule(done: float) -> float:
    """Learning-rate factor when this share of the run's batches has been used by all workers
    together."""
    return warm_cosine(int(SCALE * done), SCALE)


def worker_batches(recipe: Recipe, worker: int, first_pass: int) -> Iterator[tuple[Tensor, ...]]:
    """Pass after pass over the data, none of which another worker makes."""
    for number in count(first_pass):
        yield from recipe.batches(number * MOST + worker % MOST)


def _refuse_another_task(recipe: Recipe, terms: JsonObject) -> None:
    # as the center's has come
    mine = json.loads(json.dumps({"task": recipe.task, "data": recipe.describe_data()}))
    center = {name: terms.get(name) for name in mine}
    if mine != center:
        fix = "repeat the center's task, --data and options"
        raise CatseyeError(f"a worker with {mine}", f"the center's {center}", fix)
