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
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim.swa_utils import AveragedModel
from tqdm import tqdm

from catseye.models.checkpoint import current_commit, save_checkpoint
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.prefetch import Prefetched
from catseye.training.journal import Journal
from catseye.training.optimizers.entropy_sgd import INNER_STEPS, scoped_entropy_sgd
from catseye.training.processes import Processes, joined, local_device
from catseye.training.training_state import load_progress, restore, save_progress

AHEAD = 2  # batches made while the network is at work
EVALUATIONS = 20
ENTROPY_SGD = "entropy-sgd"
START_RATE = 0.25  # of the recipe's rate, for weights that have been trained before


class Recipe(Protocol):
    """What the loop asks of a task. `metric` names the entry of `evaluate` that a better network
    has more of."""

    task: str
    metric: str
    learning_rates: dict[str, float]  # by optimizer name
    weight_decay: float
    averaging: float  # decay of the exponential moving average of the weights; 0: none
    mixed_precision: bool  # whether the network's forward pass bears bfloat16

    @property
    def network(self) -> nn.Module: ...

    def steps_per_epoch(self) -> int: ...

    # random numbers from (seed, epoch) alone
    def batches(self, epoch: int) -> Iterable[tuple[Tensor, ...]]: ...
    def loss(self, network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor: ...
    def evaluate(self, network: nn.Module, device: torch.device) -> dict[str, Any]: ...
    def describe_data(self) -> dict[str, Any]: ...


@runtime_checkable
class Shared(Protocol):
    """A recipe that makes every `number`-th batch of an epoch without making the others."""

    def share_of_batches(
        self, epoch: int, rank: int, number: int
    ) -> Iterable[tuple[Tensor, ...]]: ...


@runtime_checkable
class Pictured(Protocol):
    """A recipe that can show what the network answers: (H, W, 3) uint8 BGR by name."""

    def pictures(self, network: nn.Module, device: torch.device) -> dict[str, np.ndarray]: ...


@runtime_checkable
class Annealed(Protocol):
    """A recipe that changes over the run. share: of the epochs that are over, 0 before the
    first."""

    def anneal(self, share: float) -> None: ...


class TrainingPlan(NamedTuple):
    """How to train: what the command line says, whatever the task."""

    out: Path
    epochs: int
    optimizer: str = "adamw"
    device: str = "auto"
    seed: int = 0
    resume: bool = False
    evaluations: int = EVALUATIONS  # how often the validation set is looked at during the run
    accumulate: int = 1  # batches of each process to a gradient
    patience: int = 0  # evaluations in a row without a better one that end the run; 0: never
    # whether the schedule decays Entropy-SGD's rate too, which is else held fixed
    decay_rate: bool = False
    # the checkpoint whose weights the network has been given (`models.checkpoint.take_weights`)
    start: str = ""
    new: tuple[str, ...] = ()  # the weights that it did not have

    @property
    def every(self) -> int:
        """Epochs from one evaluation to the next."""
        return max(1, self.epochs // self.evaluations)

    def provenance(self, data: dict[str, Any], epoch: int, commit: str) -> dict[str, Any]:
        """What a checkpoint of that epoch tells of its making."""
        facts = {"data": data, "seed": self.seed, "epoch": epoch, "epochs": self.epochs}
        return facts | {"optimizer": self.optimizer, "commit": commit} | self.origin()

    def origin(self) -> dict[str, str]:
        """The checkpoint of the first weights, where there was one."""
        return {"start": self.start} if self.start else {}

    @property
    def gradients_per_step(self) -> int:
        """How often a step of the optimizer asks for a gradient, with other batches each time."""
        return INNER_STEPS if self.optimizer == ENTROPY_SGD else 1

    @property
    def batches_per_step(self) -> int:
        """Batches of each process to a step."""
        return self.accumulate * self.gradients_per_step


def fit(recipe: Recipe, plan: TrainingPlan) -> dict[str, Any]:
    """Train, keep the best checkpoint in `plan.out`, return its meta data."""
    device = device_from_name(local_device(plan.device))
    with joined(device) as processes:
        run = _Run(recipe, plan, device, processes)
        run.save_progress()  # from here on there is a run to resume
        with Journal(plan.out / "tensorboard" if processes.first else None, run.epoch) as journal:
            while run.epoch < plan.epochs and not run.is_stuck():
                journal.numbers(run.epoch, run.train_epoch())
                if run.epoch % plan.every == 0 or run.epoch == plan.epochs:
                    run.evaluate(journal)
                run.save_progress()
        run.let_go()
        return run.best_meta


def seed_epoch(seed: int, epoch: int, rank: int = 0) -> None:
    """Start an epoch's random numbers (dropout, stochastic depth) from its own seed, another in
    each process."""
    torch.manual_seed(seed * 1_000_003 + epoch + rank * 1_000_000_007)


def device_from_name(name: str) -> torch.device:
    """auto: CUDA where there is one, else the CPU."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        return torch.zeros(1, device=name).device
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise CatseyeError(
            f"device {name!r} does not work ({reason})",
            "auto, cpu, cuda or cuda:N",
            "try --device cpu",
        )


def has_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 in hardware; where it does not, it is slower than
    float32."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return bool(torch.cpu.get_capabilities().get("avx512_bf16"))


class _Run:
    """The state of one run: what `--resume` has to bring back."""

    def __init__(
        self, recipe: Recipe, plan: TrainingPlan, device: torch.device, processes: Processes
    ) -> None:
        self.recipe, self.plan, self.device, self.processes = recipe, plan, device, processes
        self.network = recipe.network.to(device)
        self.steps = _steps(recipe, plan.batches_per_step * processes.number)
        steps = plan.epochs * self.steps
        self.optimizer = _optimizer(recipe, plan, steps)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, _factor(plan, steps))
        self.average = _averaged(self.network, recipe.averaging**plan.gradients_per_step)
        self.commit = current_commit()  # now, for the checkout may change while this runs
        self.mixed = recipe.mixed_precision and has_bfloat16(self.device)
        self.epoch = 0
        self.best_meta: dict[str, Any] = {}
        self._load_progress()
        self.loss = _shared(_Loss(recipe, self.network), processes)

    @property
    def progress_path(self) -> Path:
        return self.plan.out / "progress.pt"

    def let_go(self) -> None:
        """Free DistributedDataParallel before the processes part."""
        self.loss = nn.Identity()
        gc.collect()  # it refers to itself

    def is_stuck(self) -> bool:
        """Whether as many evaluations as the plan has patience for brought nothing better."""
        best = self.best_meta.get("epoch", self.epoch)
        return self.plan.patience > 0 and self.epoch - best >= self.plan.patience * self.plan.every

    def train_epoch(self) -> dict[str, float]:
        """One pass over the data: the mean loss, and the share of the time that was spent waiting
        for batches."""
        seed_epoch(self.plan.seed, self.epoch, self.processes.rank)
        if isinstance(self.recipe, Annealed):
            self.recipe.anneal(self.epoch / self.plan.epochs)
        self.network.train()
        total, name = 0.0, f"epoch {self.epoch + 1}/{self.plan.epochs}"
        silent = None if self.processes.first else True  # None: a bar on terminals only
        begun = time.perf_counter()
        with Prefetched(self._batches(), AHEAD, "batches") as batches:
            bar = tqdm(range(self.steps), name, leave=False, disable=silent)
            for _ in bar:
                loss = self._step(batches)
                total += loss
                bar.set_postfix(loss=f"{loss:.3f}")
            waiting = batches.waited_s / (time.perf_counter() - begun)
        total = self.processes.mean(total)
        if not math.isfinite(total):
            found = f"the loss diverged in epoch {self.epoch + 1}"
            raise CatseyeError(found, "finite numbers", "lower the learning rate")
        self.epoch += 1
        return {"loss": total / self.steps, "waiting_share": waiting}

    def _batches(self) -> Iterator[tuple[Tensor, ...]]:
        """This process's batches of the epoch, on its device."""
        recipe, (rank, number) = self.recipe, self.processes
        if isinstance(recipe, Shared):
            mine = iter(recipe.share_of_batches(self.epoch, rank, number))
        else:
            mine = islice(recipe.batches(self.epoch), rank, None, number)
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

    def _exchange(self, now: bool) -> AbstractContextManager[Any]:
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
                f"epoch {self.epoch}: {self.recipe.metric} {metrics[self.recipe.metric]:.4f}"
            )
            journal.numbers(self.epoch - 1, metrics)
            journal.pictures(self.epoch - 1, pictures)
            self._keep_if_best(network, metrics)
        self.best_meta = self.processes.from_first(self.best_meta)

    def _keep_if_best(self, network: nn.Module, metrics: dict[str, Any]) -> None:
        name, plan = self.recipe.metric, self.plan
        if not self.best_meta or metrics[name] > self.best_meta["metrics"][name]:
            facts = plan.provenance(self.recipe.describe_data(), self.epoch, self.commit)
            self.best_meta = save_checkpoint(
                plan.out, self.recipe.task, network, metrics=metrics, **facts
            )

    def save_progress(self) -> None:
        """Everything that `--resume` needs, in one file, replaced at once."""
        if self.processes.first:
            facts = {"epoch": self.epoch, "best_meta": self.best_meta}
            save_progress(self.progress_path, self._parts(), self._terms(), **facts)

    def _load_progress(self) -> None:
        """Go on where the run in `out` stopped, if the plan says so; the first process reads for
        all."""
        mine = self.processes.first and self.plan.resume
        state = self.processes.from_first(load_progress(self.progress_path) if mine else {})
        if state:
            restore(self.progress_path, state, self._parts(), self._terms())
            self.epoch, self.best_meta = state["epoch"], state["best_meta"]

    def _parts(self) -> dict[str, Any]:
        parts = {"network": self.network, "optimizer": self.optimizer, "schedule": self.schedule}
        return parts if self.average is None else parts | {"average": self.average}

    def _terms(self) -> dict[str, Any]:
        plan = self.plan
        terms = {
            "task": self.recipe.task,
            "epochs": plan.epochs,
            "optimizer": plan.optimizer,
            "seed": plan.seed,
        }
        batches = plan.accumulate * self.processes.number
        terms |= {"data": self.recipe.describe_data()} | (
            {"batches_per_step": batches} if batches > 1 else {}
        )
        return terms | ({"decay_rate": True} if plan.decay_rate else {}) | plan.origin()


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


def _steps(recipe: Recipe, batches_per_step: int) -> int:
    """Steps of an epoch; batches that fill no step are left out, others in every epoch."""
    batches = recipe.steps_per_epoch()
    if batches < batches_per_step:
        found = f"{batches} batches an epoch for {batches_per_step} to a step"
        raise CatseyeError(found, "one step at least", "accumulate less, or start fewer processes")
    return batches // batches_per_step


def _optimizer(recipe: Recipe, plan: TrainingPlan, steps: int) -> torch.optim.Optimizer:
    """The optimizer of a run of so many steps; the rate of Entropy-SGD's recipe is eta', of the
    inner loop."""
    full_rate = recipe.learning_rates[plan.optimizer]
    rate = full_rate * (START_RATE if plan.start else 1)
    rate_of_new = {"inner_lr" if plan.optimizer == ENTROPY_SGD else "lr": full_rate}
    groups = _parameter_groups(recipe, plan.new, rate_of_new)
    if plan.optimizer == ENTROPY_SGD:
        return scoped_entropy_sgd(groups, rate, steps, plan.seed)
    if plan.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=rate, momentum=0.9, nesterov=True)
    return torch.optim.AdamW(groups, lr=rate)


def _parameter_groups(
    recipe: Recipe, new: tuple[str, ...], rate_of_new: dict[str, float]
) -> list[dict[str, Any]]:
    """Matrices and filters, then biases and scales, which do not decay; after them the `new` ones,
    likewise."""
    groups: dict[tuple[bool, bool], dict[str, Any]] = {}
    for name, weight in recipe.network.named_parameters():
        if weight.requires_grad:
            is_new, is_vector = kind = name in new, weight.ndim <= 1
            facts = {
                "weight_decay": 0.0 if is_vector else recipe.weight_decay,
                **(rate_of_new if is_new else {}),
            }
            groups.setdefault(kind, {"params": [], **facts})["params"].append(weight)
    return [groups[kind] for kind in sorted(groups)]


def _averaged(network: nn.Module, decay: float) -> AveragedModel | None:
    if decay == 0:
        return None

    def lerp(average: Tensor, weight: Tensor, updates: Tensor | int) -> Tensor:
        # else the random first weights linger for epochs
        soft_start = (1 + int(updates)) / (10 + int(updates))
        return average + (weight - average) * (1 - min(decay, soft_start))

    return AveragedModel(network, avg_fn=lerp, use_buffers=True)


def _factor(plan: TrainingPlan, steps: int) -> Callable[[int], float]:
    """The schedule. Entropy-SGD's eta is held, for gamma grows instead; with `decay_rate` it falls
    all the same."""
    if plan.optimizer == ENTROPY_SGD and not plan.decay_rate:
        return lambda step: 1.0
    return lambda step: warm_cosine(step, steps)


def warm_cosine(step: int, steps: int) -> float:
    """Learning-rate factor: linear warm-up over the first 3 %, then half a cosine to 1 %."""
    warm = max(1, steps * 3 // 100)
    if step < warm:
        return (step + 1) / warm
    return 0.01 + 0.99 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm))) / 2
