"""How a run steps: its optimizer, the rate of every step, the average of the weights over steps.

Knows recipe and plan as numbers; not how a gradient is come by.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from catseye.runtime.errors import CatseyeError
from catseye.training.optimizers.entropy_sgd import scoped_entropy_sgd
from catseye.training.optimizers.soap import Soap
from catseye.training.plan import ENTROPY_SGD, TrainingPlan
from catseye.training.recipes.recipe import Recipe

START_RATE = 0.25  # of the recipe's rate, for weights that have been trained before


def whole_steps(recipe: Recipe, batches_per_step: int) -> int:
    """Steps of an epoch; batches that fill no step are left out, others in every epoch.

    Raises CatseyeError where they do not fill one.
    """
    batches = recipe.steps_per_epoch()
    if batches < batches_per_step:
        found = f"{batches} batches an epoch for {batches_per_step} to a step"
        raise CatseyeError(
            found,
            "one step at least",
            "a smaller --batch, or accumulate less, or start fewer processes",
        )
    return batches // batches_per_step


def optimizer_of(recipe: Recipe, plan: TrainingPlan, steps: int) -> torch.optim.Optimizer:
    """The optimizer of a run of so many steps; the rate of Entropy-SGD's recipe is eta', of the
    inner loop. Raises CatseyeError for one that the recipe has no rate for."""
    full_rate = plan.rate or recipe.learning_rates.get(plan.optimizer)
    if plan.optimizer not in recipe.learning_rates or full_rate is None:
        raise CatseyeError(
            f"--optimizer {plan.optimizer} with {recipe.task}", " or ".join(recipe.learning_rates)
        )
    rate = full_rate * (START_RATE if plan.start else 1)
    rate_of_new = {"inner_lr" if plan.optimizer == ENTROPY_SGD else "lr": full_rate}
    groups = _parameter_groups(recipe, plan.new, rate_of_new)
    if plan.optimizer == ENTROPY_SGD:
        return scoped_entropy_sgd(groups, rate, steps, plan.seed)
    if plan.optimizer == "soap":
        return Soap(groups, rate)
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
            rule = {
                "weight_decay": 0.0 if is_vector else recipe.weight_decay,
                **(rate_of_new if is_new else {}),
            }
            groups.setdefault(kind, {"params": [], **rule})["params"].append(weight)
    return [groups[kind] for kind in sorted(groups)]


def averaged(network: nn.Module, decay: float) -> AveragedModel | None:
    """The exponential moving average of the weights; None for a decay of 0."""
    if decay == 0:
        return None

    def lerp(average: Tensor, weight: Tensor, updates: Tensor | int) -> Tensor:
        # else the random first weights linger for epochs
        soft_start = (1 + int(updates)) / (10 + int(updates))
        return average + (weight - average) * (1 - min(decay, soft_start))

    return AveragedModel(network, avg_fn=lerp, use_buffers=True)


def rate_factor(plan: TrainingPlan, steps: int) -> Callable[[int], float]:
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
