"""The center variable: moved by what the workers say, measured, and kept on disk after every pass
over the data.

Knows recipe, plan and files; who speaks to it, and how, is for service.py and synchronous.py.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from catseye.models.tensor_file import Content
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.json_document import Fields, JsonObject
from catseye.training.elastic.flat import FlatNetwork
from catseye.training.elastic.rules import BETA, Rule, rule_from_name
from catseye.training.journal import Journal
from catseye.training.plan import TrainingPlan
from catseye.training.progress import WholeRun
from catseye.training.recipes.recipe import Recipe
from catseye.training.training_state import TrainingState

KEPT = ("x", "statistics", "gradients", "bytes")  # what a resumed center has to know


class ElasticPlan(NamedTuple):
    """rule: one of rules.NAMES.  tau: local steps from one exchange to the next.  beta: what the
    center feels of all.

    workers: how many are expected, for alpha = beta / workers; fewer or more may come.
    """

    rule: str = "eamsgd"
    tau: int = 10
    beta: float = BETA
    workers: int = 1
    momentum: float = 0.9

    def made(self) -> Rule:
        return rule_from_name(self.rule, self.workers, self.beta, self.momentum)

    def rate(self, recipe: Recipe) -> float:
        """The recipe's for SGD, which is meant for a momentum; what EASGD does without, its rate
        makes up for.

        DOWNPOUR keeps it: there the workers' moves add up at the center.
        """
        rate = recipe.learning_rates["sgd"]
        return rate / (1 - self.momentum) if self.rule == "easgd" else rate


class Summary(NamedTuple):
    """What a center says of its run.

    done: share of its batches, 0-1.  rate: of learning, before the schedule.  terms: those that a
    worker must have in common with it (`Center.terms`).
    """

    over: bool
    done: float
    epoch: int
    rate: float
    workers: int
    terms: JsonObject

    @classmethod
    def of(cls, header: JsonObject) -> "Summary":
        """From what has come over the wire. Raises CatseyeError for what no center says."""
        fields = Fields(
            header, path="summary", of="the center", fix="update catseye", kind=CatseyeError
        )
        return cls(
            over=fields.flag("over"),
            done=fields.number("done", 0, 1),
            epoch=fields.integer("epoch", 0),
            rate=fields.number("rate", 0),
            workers=fields.integer("workers", 1),
            terms=fields.free("terms"),
        )


class Center:
    """The center variable, how much work went into it, and its files in `plan.out`.

    x: (n,).  statistics: (m,), a moving average of the workers'.  gradients: how many batches all
    workers have used.
    """

    def __init__(
        self, recipe: Recipe, plan: TrainingPlan, elastic: ElasticPlan, device: torch.device
    ) -> None:
        self.recipe, self.plan, self.elastic, self.device = recipe, plan, elastic, device
        self.flat, self.rule = FlatNetwork(recipe, device), elastic.made()
        self.x, self.statistics = self.flat.weights(), self.flat.statistics()
        self.gradients, self.bytes = 0, 0
        self.losses: list[float] = []  # of this epoch
        self.state = TrainingState(plan.out, {"center": self}, self.terms())
        if plan.resume and (content := self.state.saved()):
            self.state.restore(content)
        self.whole = WholeRun(plan.epochs, recipe.steps_per_epoch(), self.epoch)

    @property
    def epoch(self) -> int:
        """Passes over the data, whoever made them."""
        return self.gradients // self.recipe.steps_per_epoch()

    @property
    def total(self) -> int:
        """Batches of the whole run."""
        return self.plan.epochs * self.recipe.steps_per_epoch()

    def is_over(self) -> bool:
        return self.gradients >= self.total

    def heard(self, message: Tensor) -> Tensor:
        """Move by a worker's message, its statistics behind it; the reply."""
        message, statistics = message.to(self.x.device).split([len(self.x), len(self.statistics)])
        self.x, reply = self.rule.answer(self.x, message)
        share = self.elastic.beta / self.elastic.workers
        self.statistics = self.statistics + share * (statistics - self.statistics)
        return reply

    def count(self, gradients: int, losses: Sequence[float], journal: Journal | None) -> None:
        """So many more batches; where they end an epoch, measure if it is time, and save. None:
        another does that. Raises CatseyeError where the training diverged."""
        before = self.epoch
        self.gradients += gradients
        self.losses.extend(losses)
        if journal is not None and losses:
            self.whole.stepped(*divmod(self.gradients, self.recipe.steps_per_epoch()), losses[-1])
        if self.epoch == before:
            return
        self._refuse_divergence()
        mean, self.losses = sum(self.losses) / len(self.losses), []
        if journal is not None:
            journal.numbers(self.epoch - 1, {"loss": mean, "megabytes": self.bytes / 1e6})
            if self.epoch // self.plan.every > before // self.plan.every or self.is_over():
                self.evaluate(journal)
            self.save()

    def summary(self) -> Summary:
        """What a worker has to know of the run."""
        return Summary(
            over=self.is_over(),
            done=min(1.0, self.gradients / self.total),
            epoch=self.epoch,
            rate=self.elastic.rate(self.recipe),
            workers=self.elastic.workers,
            terms=self.terms(),
        )

    def evaluate(self, journal: Journal) -> None:
        """Measure the center; write a checkpoint if it is the best so far."""
        statistics = self.flat.statistics()  # of a worker, where one shares this network
        self.flat.set_weights(self.x)
        self.flat.set_statistics(self.statistics)
        network, name, plan = self.flat.network.eval(), self.recipe.metric, self.plan
        with torch.no_grad():
            metrics = self.recipe.evaluate(network, self.device)
        journal.line(f"epoch {self.epoch}: {name} {metrics[name]:.4f}")
        journal.numbers(self.epoch - 1, metrics)
        meta = plan.meta(
            self.recipe.task,
            network,
            epoch=self.epoch,
            metrics=metrics,
            data=self.recipe.describe_data(),
        )
        meta = replace(meta, optimizer=self.elastic.rule, elastic=self.elastic._asdict())
        self.state.keep_if_best(network, meta, lambda each: each.number(name))
        self.flat.set_statistics(statistics)
        network.train()

    def _refuse_divergence(self) -> None:
        if not bool(torch.isfinite(self.x).all()):
            found = f"the center diverged in epoch {self.epoch}"
            raise CatseyeError(
                found, "finite weights", "let the workers exchange more often (a smaller --tau)"
            )

    def save(self) -> None:
        """Everything that `resume` needs, in one file, replaced at once."""
        self.state.epoch = self.epoch
        self.state.save()

    def state_dict(self) -> Content:
        """What the center itself is, as one part of the training state."""
        return {name: getattr(self, name) for name in KEPT}

    def load_state_dict(self, state_dict: Content) -> None:
        for name in KEPT:
            setattr(self, name, state_dict[name])

    def terms(self) -> JsonObject:
        """What a run is resumed under, and what a worker must have in common with it; `workers` may
        change."""
        elastic = self.elastic._asdict()
        elastic.pop("workers")
        return self.plan.terms(self.recipe.task, self.recipe.describe_data()) | elastic
