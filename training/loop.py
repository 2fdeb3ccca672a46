"""The training loop that every recipe shares: epochs, schedule, averaged weights, checkpoints,
resuming.

A recipe says what a batch is, what its loss is and how good the network is; the loop knows nothing
of the task. All randomness of an epoch follows from (seed, epoch), so a run that was killed and
resumed at the last finished epoch ends with the same weights as one that never stopped (same
machine and number of threads).

A gradient takes a batch from each process, `accumulate` times: two processes, or one that
accumulates two batches, take the same steps. Batch normalisation sees one batch at a time in either
case. A step of the optimizer takes one gradient; of Entropy-SGD, as many as its inner loop has
steps. An epoch is one pass over the data with every optimizer.
"""

import gc
import math
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import islice

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from catseye.models.meta import Meta
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.system.prefetch import Prefetched
from catseye.training.devices import device_from_name, has_bfloat16
from catseye.training.journal import Journal
from catseye.training.plan import TrainingPlan
from catseye.training.processes import Processes, joined, local_device, seed_epoch
from catseye.training.progress import WholeRun
from catseye.training.recipes.recipe import Annealed, Hungry, Pictured, Recipe, Shared, Uneven
from catseye.training.steps import averaged, optimizer_of, rate_factor, whole_steps
from catseye.training.training_state import Part, TrainingState

AHEAD = 2  # batches made while the network is at work


def fit(recipe: Recipe, plan: TrainingPlan) -> Meta:
    """Train, keep the best checkpoint in `plan.out`, return its meta data.

    Raises CatseyeError for a device that does not work, an optimizer that the recipe has no rate
    for, a run to resume that was started with other terms, and a loss that diverges.
    """
    device = device_from_name(local_device(plan.device))
    with joined(device) as processes:
        run = _Run(recipe, plan, device, processes)
        state = run.state
        run.save()  # from here on there is a run to resume
        with Journal(plan.out / "tensorboard" if processes.first else None, state.epoch) as journal:
            journal.line(words_of_steps(recipe, plan, run.steps))
            while state.epoch < plan.epochs and not run.is_stuck():
                journal.numbers(state.epoch, run.train_epoch())
                if state.epoch % plan.every == 0 or state.epoch == plan.epochs:
                    run.evaluate(journal)
                run.save()
        run.let_go()
        return state.outcome()


def words_of_steps(recipe: Recipe, plan: TrainingPlan, steps: int) -> str:
    """How many steps a run is, and what to expect where they are few."""
    whole = plan.epochs * steps
    words = f"{steps} step{'s' * (steps > 1)} an epoch, {whole} in all"
    if not isinstance(recipe, Hungry) or whole >= recipe.enough_steps:
        return words
    epochs = -(-recipe.enough_steps // steps)
    return f"{words}: expect little; --epochs {epochs} makes {epochs * steps}"


class _Run:
    """One run of the loop; what `--resume` has to bring back is its `state`."""

    def __init__(
        self, recipe: Recipe, plan: TrainingPlan, device: torch.device, processes: Processes
    ) -> None:
        self.recipe, self.plan, self.device, self.processes = recipe, plan, device, processes
        self.network = recipe.network.to(device)
        self.steps = whole_steps(recipe, plan.batches_per_step * processes.number)
        steps = plan.epochs * self.steps
        self.optimizer = optimizer_of(recipe, plan, steps)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, rate_factor(plan, steps))
        self.average = averaged(self.network, recipe.averaging**plan.gradients_per_step)
        self.mixed = recipe.mixed_precision and has_bfloat16(self.device)
        self.state = TrainingState(plan.out, self._parts(), self._terms())
        self._resume()
        self.loss = _shared(_Loss(recipe, self.network), processes)
        self.whole: WholeRun | None = None
        if processes.first:
            effort = recipe.effort if isinstance(recipe, Uneven) else lambda share: 1.0
            self.whole = WholeRun(plan.epochs, self.steps, self.state.epoch, effort)

    def let_go(self) -> None:
        """Take the bar away; free DistributedDataParallel before the processes part."""
        if self.whole is not None:
            self.whole.close()
        self.loss = nn.Identity()
        gc.collect()  # it refers to itself

    def is_stuck(self) -> bool:
        """Whether as many evaluations as the plan has patience for brought nothing better."""
        plan, state = self.plan, self.state
        best = state.best.epoch if state.best else state.epoch
        return plan.patience > 0 and state.epoch - best >= plan.patience * plan.every

    def train_epoch(self) -> dict[str, float]:
        """One pass over the data: the mean loss, and the share of the time that was spent waiting
        for batches."""
        seed_epoch(self.plan.seed, self.state.epoch, self.processes.rank)
        if isinstance(self.recipe, Annealed):
            self.recipe.anneal(self.state.epoch / self.plan.epochs)
        self.network.train()
        total = 0.0
        begun = time.perf_counter()
        with Prefetched(self._batches(), AHEAD, "batches") as batches:
            for step in range(1, self.steps + 1):
                loss = self._step(batches)
                total += loss
                if self.whole is not None:
                    self.whole.stepped(self.state.epoch, step, loss)
            waiting = batches.waited_s / (time.perf_counter() - begun)
        total = self.processes.mean(total)
        if not math.isfinite(total):
            found = f"the loss diverged in epoch {self.state.epoch + 1}"
            raise CatseyeError(found, "finite numbers", "lower the learning rate (--rate)")
        self.state.epoch += 1
        return {"loss": total / self.steps, "waiting_share": waiting}

    def _batches(self) -> Iterator[tuple[Tensor, ...]]:
        """This process's batches of the epoch, on its device."""
        recipe, (rank, number) = self.recipe, self.processes
        if isinstance(recipe, Shared):
            mine = iter(recipe.share_of_batches(self.state.epoch, rank, number))
        else:
            mine = islice(recipe.batches(self.state.epoch), rank, None, number)
        for batch in islice(mine, self.steps * self.plan.batches_per_step):
            yield tuple(part.to(self.device) for part in batch)

    def _step(self, batches: Iterator[tuple[Tensor, ...]]) -> float:
        """One step of the optimizer; the mean loss over this process's batches."""
        loss = self.optimizer.step(lambda: self._gradient(batches))
        self.schedule.step()
        if self.average is not None:
            self.average.update_parameters(self.network)
        return loss

    def _gradient(self, batches: Iterator[tuple[Tensor, ...]]) -> float:
        """The gradient of the next `accumulate` batches of each process; the mean loss over this
        process's."""
        accumulate, total = self.plan.accumulate, 0.0
        self.optimizer.zero_grad()
        for batch_of_step, batch in enumerate(islice(batches, accumulate), 1):
            with self._exchange(batch_of_step == accumulate):
                with torch.autocast(self.device.type, torch.bfloat16, enabled=self.mixed):
                    loss = self.loss(*batch) / accumulate
                loss.backward()
            total += loss.item()
        return total

    def _exchange(self, now: bool) -> AbstractContextManager[object]:
        """Whether the processes average their gradients in this backward pass, or keep them for a
        later one."""
        return (
            self.loss.no_sync()
            if isinstance(self.loss, DistributedDataParallel) and not now
            else nullcontext()
        )

    def evaluate(self, journal: Journal) -> None:
        """Measure the averaged weights in the first process; write a checkpoint if they are the
        best so far."""
        if self.processes.first:
            network = self.network if self.average is None else self.average.module
            network.eval()
            with torch.no_grad():
                metrics = self.recipe.evaluate(network, self.device)
                pictures = (
                    self.recipe.pictures(network, self.device)
                    if isinstance(self.recipe, Pictured)
                    else {}
                )
            journal.line(
                f"epoch {self.state.epoch}: {self.recipe.metric} {metrics[self.recipe.metric]:.4f}"
            )
            journal.numbers(self.state.epoch - 1, metrics)
            journal.pictures(self.state.epoch - 1, pictures)
            meta = self.plan.meta(
                self.recipe.task,
                network,
                epoch=self.state.epoch,
                metrics=metrics,
                data=self.recipe.describe_data(),
            )
            self.state.keep_if_best(network, meta, lambda each: each.number(self.recipe.metric))
        self.state.best = self.processes.from_first(self.state.best)

    def save(self) -> None:
        if self.processes.first:
            self.state.save()

    def _resume(self) -> None:
        """Go on where the run in `out` stopped, if the plan says so; the first process reads for
        all."""
        mine = self.processes.first and self.plan.resume
        content = self.processes.from_first(self.state.saved() if mine else {})
        if content:
            self.state.restore(content)

    def _parts(self) -> dict[str, Part]:
        parts: dict[str, Part] = {
            "network": self.network,
            "optimizer": self.optimizer,
            "schedule": self.schedule,
        }
        return parts if self.average is None else parts | {"average": self.average}

    def _terms(self) -> JsonObject:
        plan, recipe = self.plan, self.recipe
        terms = plan.terms(recipe.task, recipe.describe_data()) | {"optimizer": plan.optimizer}
        batches = plan.accumulate * self.processes.number
        if batches > 1:
            terms["batches_per_step"] = batches
        if plan.decay_rate:
            terms["decay_rate"] = True
        return terms | ({"start": plan.start} if plan.start else {})


class _Loss(nn.Module):
    """A recipe's loss as a module of its network, which is what DistributedDataParallel can
    wrap."""

    def __init__(self, recipe: Recipe, network: nn.Module) -> None:
        super().__init__()
        self.recipe, self.network = recipe, network

    def forward(self, *batch: Tensor) -> Tensor:
        return self.recipe.loss(self.network, batch)


def _shared(loss: _Loss, processes: Processes) -> nn.Module:
    """The loss whose backward pass averages the gradients of all processes; they start with the
    first one's weights."""
    return loss if processes.number == 1 else DistributedDataParallel(loss)
