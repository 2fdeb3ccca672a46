"""The training loop that every recipe shares: epochs, schedule, averaged weights, checkpoints, resuming.

A recipe says what a batch is, what its loss is and how good the network is; the loop knows nothing of the task. All
randomness of an epoch follows from (seed, epoch), so a run that was killed and resumed at the last finished epoch ends
with the same weights as one that never stopped (same machine and number of threads).
"""

import math
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from catseye.models.checkpoint import current_commit, load_tensors, save_checkpoint
from catseye.runtime.errors import CatseyeError
from catseye.runtime.files import written_beside


class Recipe(Protocol):
    """What the loop asks of a task. `metric` names the entry of `evaluate` that a better network has more of."""

    task: str
    metric: str
    network: nn.Module
    learning_rates: dict[str, float]  # by optimizer name
    weight_decay: float
    averaging: float  # decay of the exponential moving average of the weights; 0: none
    mixed_precision: bool  # whether the network's forward pass bears bfloat16

    def steps_per_epoch(self) -> int: ...
    def batches(self, epoch: int) -> Iterable[tuple[Tensor, ...]]: ...
    def loss(self, network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor: ...
    def evaluate(self, network: nn.Module, device: torch.device) -> dict[str, Any]: ...
    def describe_data(self) -> dict[str, Any]: ...


class Plan(NamedTuple):
    """How to train: what the command line says, whatever the task."""

    out: Path
    epochs: int
    optimizer: str = "adamw"
    device: str = "auto"
    seed: int = 0
    resume: bool = False
    evaluations: int = 20  # how often the validation set is looked at during the run


def fit(recipe: Recipe, plan: Plan) -> dict[str, Any]:
    """Train, keep the best checkpoint in `plan.out`, return its meta data."""
    run = _Run(recipe, plan)
    run.save_progress()  # from here on there is a run to resume
    every = max(1, plan.epochs // plan.evaluations)
    with SummaryWriter(os.fspath(plan.out / "tensorboard"), purge_step=run.epoch) as log:
        for epoch in range(run.epoch, plan.epochs):
            loss = run.train_epoch(epoch)
            log.add_scalar("loss", loss, epoch)
            if (epoch + 1) % every == 0 or epoch + 1 == plan.epochs:
                for name, value in run.evaluate().items():
                    if isinstance(value, float):
                        log.add_scalar(name, value, epoch)
            run.save_progress()
    return run.best_meta


def seed_epoch(seed: int, epoch: int) -> None:
    """Start an epoch's random numbers (dropout, stochastic depth) from its own seed."""
    torch.manual_seed(seed * 1_000_003 + epoch)


def device_from_name(name: str) -> torch.device:
    """auto: CUDA where there is one, else the CPU."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        return torch.zeros(1, device=name).device
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise CatseyeError(f"device {name!r} does not work ({reason})", "auto, cpu, cuda or cuda:N", "try --device cpu")


def has_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 in hardware; where it does not, it is slower than float32."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return bool(torch.cpu.get_capabilities().get("avx512_bf16"))


class _Run:
    """The state of one run: what `--resume` has to bring back."""

    def __init__(self, recipe: Recipe, plan: Plan) -> None:
        self.recipe, self.plan = recipe, plan
        self.device = device_from_name(plan.device)
        self.network = recipe.network.to(self.device)
        self.optimizer = _optimizer(recipe, plan.optimizer)
        steps = plan.epochs * recipe.steps_per_epoch()
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, lambda step: _warm_cosine(step, steps))
        self.average = _averaged(self.network, recipe.averaging)
        self.commit = current_commit()  # now, for the checkout may change while this runs
        self.mixed = recipe.mixed_precision and has_bfloat16(self.device)
        self.epoch = 0
        self.best_meta: dict[str, Any] = {}
        if plan.resume and self.progress_path.exists():
            self._load_progress()

    @property
    def progress_path(self) -> Path:
        return self.plan.out / "progress.pt"

    def train_epoch(self, epoch: int) -> float:
        """One pass over the data; the mean loss."""
        seed_epoch(self.plan.seed, epoch)
        self.network.train()
        total, steps = 0.0, self.recipe.steps_per_epoch()
        name = f"epoch {epoch + 1}/{self.plan.epochs}"
        bar = tqdm(self.recipe.batches(epoch), name, steps, leave=False, disable=None)  # None: terminals only
        for batch in bar:
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.mixed):
                loss = self.recipe.loss(self.network, tuple(part.to(self.device) for part in batch))
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            self.schedule.step()
            if self.average is not None:
                self.average.update_parameters(self.network)
            total += loss.item()
            bar.set_postfix(loss=f"{loss.item():.3f}")
        if not math.isfinite(total):
            raise CatseyeError(f"the loss diverged in epoch {epoch + 1}", "finite numbers", "lower the learning rate")
        self.epoch = epoch + 1
        return total / steps

    def evaluate(self) -> dict[str, Any]:
        """Measure the averaged weights; write a checkpoint if they are the best so far."""
        network = self.network if self.average is None else self.average.module
        network.eval()
        with torch.no_grad():
            metrics = self.recipe.evaluate(network, self.device)
        value, name = metrics[self.recipe.metric], self.recipe.metric
        tqdm.write(f"epoch {self.epoch}: {name} {value:.4f}")
        if not self.best_meta or value > self.best_meta["metrics"][name]:
            facts = {"data": self.recipe.describe_data(), "seed": self.plan.seed, "epoch": self.epoch}
            facts |= {"epochs": self.plan.epochs, "optimizer": self.plan.optimizer, "commit": self.commit}
            self.best_meta = save_checkpoint(self.plan.out, self.recipe.task, network, metrics=metrics, **facts)
        return metrics

    def save_progress(self) -> None:
        """Everything that `--resume` needs, in one file, replaced at once."""
        state = {name: part.state_dict() for name, part in self._parts().items()}
        state |= {"epoch": self.epoch, "best_meta": self.best_meta, "terms": self._terms()}
        with written_beside(os.fspath(self.progress_path)) as temporary:
            torch.save(state, temporary)

    def _load_progress(self) -> None:
        state = load_tensors(self.progress_path)
        if state["terms"] != self._terms():
            raise CatseyeError(
                f"{self.progress_path} was started with {state['terms']}", f"the same terms, not {self._terms()}",
                "repeat its arguments, or start afresh without --resume",
            )
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        self.epoch, self.best_meta = state["epoch"], state["best_meta"]

    def _parts(self) -> dict[str, Any]:
        parts = {"network": self.network, "optimizer": self.optimizer, "schedule": self.schedule}
        return parts if self.average is None else parts | {"average": self.average}

    def _terms(self) -> dict[str, Any]:
        plan = self.plan
        terms = {"task": self.recipe.task, "epochs": plan.epochs, "optimizer": plan.optimizer, "seed": plan.seed}
        return terms | {"data": self.recipe.describe_data()}


def _optimizer(recipe: Recipe, name: str) -> torch.optim.Optimizer:
    rate, decay = recipe.learning_rates[name], recipe.weight_decay
    weights = [p for p in recipe.network.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in weights if p.ndim > 1], "weight_decay": decay},
        {"params": [p for p in weights if p.ndim <= 1], "weight_decay": 0.0},
    ]
    if name == "sgd":
        return torch.optim.SGD(groups, lr=rate, momentum=0.9, nesterov=True)
    return torch.optim.AdamW(groups, lr=rate)


def _averaged(network: nn.Module, decay: float) -> AveragedModel | None:
    if decay == 0:
        return None


    def lerp(average: Tensor, weight: Tensor, updates: Tensor | int) -> Tensor:
        soft_start = (1 + int(updates)) / (10 + int(updates))  # else the random first weights linger for epochs
        return average + (weight - average) * (1 - min(decay, soft_start))

    return AveragedModel(network, avg_fn=lerp, use_buffers=True)


def _warm_cosine(step: int, steps: int) -> float:
    """Learning-rate factor: linear warm-up over the first 3 %, then half a cosine to 1 %."""
    warm = max(1, steps * 3 // 100)
    if step < warm:
        return (step + 1) / warm
    return 0.01 + 0.99 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm))) / 2
