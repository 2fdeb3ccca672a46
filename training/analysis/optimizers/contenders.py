"""Who runs in the race: the optimizers, each annealed by the shared loop's warm-up and cosine, and
what the search tries of them.

Entropy-SGD goes the whole way to mu at the peak of that schedule, however large gamma is then:
eta gamma = 1. Its numbers that are not searched are the paper's: gamma0 = 0.03, an inner momentum
of 0.9, alpha = 0.75, noise 1e-4.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from catseye.training.optimizers.entropy_sgd import EntropySGD
from catseye.training.plan import ENTROPY_SGD
from catseye.training.steps import warm_cosine

GAMMA0 = 0.03

Setting = dict[str, float]  # hyper-parameters by name; "rate" is that of one gradient


class Contender(NamedTuple):
    """optimizer: names the recipe's rate, where the search begins.  setting: the other numbers at
    first.  changes: tried one after another once the rate is found, each kept if it is better; a
    "rate" in them is a factor."""

    optimizer: str
    setting: Setting
    changes: tuple[Setting, ...]


def _entropy_sgd(inner_steps: int) -> Contender:
    return Contender(
        ENTROPY_SGD,
        {"inner_steps": inner_steps, "outer_momentum": 0.0, "growth": 1.0},
        ({"outer_momentum": 0.5}, {"outer_momentum": 0.8}, {"growth": 20.0}),
    )


CONTENDERS = {
    "SGD": Contender(
        "sgd",
        {"momentum": 0.9},
        ({"momentum": 0.8}, {"momentum": 0.95}, {"momentum": 0.95, "rate": 0.5}),
    ),
    "Entropy-SGD, L = 5": _entropy_sgd(5),
    "Entropy-SGD, L = 20": _entropy_sgd(20),
    "AdamW": Contender(
        "adamw",
        {"beta1": 0.9, "beta2": 0.999},
        ({"beta1": 0.8}, {"beta1": 0.95}, {"beta2": 0.99}),
    ),
}


def changed(setting: Setting, change: Setting) -> Setting:
    """The setting with a contender's change."""
    factor = change.get("rate", 1.0)
    return setting | change | {"rate": setting["rate"] * factor}


class Annealed(NamedTuple):
    """factor(t): of the optimizer's rate at its t-th step.  gradients: of one step."""

    optimizer: torch.optim.Optimizer
    factor: Callable[[int], float]
    gradients: int

    def steps(self, loss: Callable[[], Tensor]) -> Iterator[float]:
        """Take a step for each number that is asked for, the mean loss in it; `loss` draws the next
        mini-batch."""
        schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, self.factor)

        def closure() -> float:
            self.optimizer.zero_grad()
            value = loss()
            value.backward()
            return value.item()

        while True:
            yield self.optimizer.step(closure)
            schedule.step()


def annealed(
    name: str, params: Iterable[Tensor], setting: Setting, gradients: int, seed: int
) -> Annealed:
    """The optimizer of that name for a run of so many gradients, without weight decay."""
    rate = setting["rate"]
    if name == ENTROPY_SGD:
        inner_steps = int(setting["inner_steps"])
        steps = gradients // inner_steps
        gamma1 = setting["growth"] ** (1 / steps) - 1
        optimizer = EntropySGD(
            params,
            lr=1 / GAMMA0,
            inner_lr=rate,
            gamma0=GAMMA0,
            gamma1=gamma1,
            inner_steps=inner_steps,
            outer_momentum=setting["outer_momentum"],
            seed=seed,
        )
        return Annealed(optimizer, lambda t: warm_cosine(t, steps) / (1 + gamma1) ** t, inner_steps)
    if name == "sgd":
        made: torch.optim.Optimizer = torch.optim.SGD(
            params, lr=rate, momentum=setting["momentum"], nesterov=True
        )
    else:
        betas = setting["beta1"], setting["beta2"]
        made = torch.optim.AdamW(params, lr=rate, betas=betas, weight_decay=0.0)
    return Annealed(made, lambda t: warm_cosine(t, gradients), 1)
