"""Momentum SGD, synchronous averaging, DOWNPOUR, EASGD and EAMSGD on LeNet: error against work,
time and bytes.

Four workers are played in one process (training/elastic/simulation.py): each is taken to have a
core of its own, and the time is made from a step and an exchange as measured here. All have the
same time: that in which a worker who waits for nobody takes `steps` gradients. Batches are
undistorted digits, the learning rate is constant, as in the paper, and for each method the best of
those tried (`tune`); the error is that of the center, or of the one network where there is no
center, on `val`.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import mean, stdev
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from catseye.runtime.system.json_document import JsonObject
from catseye.training.analysis.elastic.lab import Costs, Lab, measured_costs
from catseye.training.analysis.spread import Spread, of_sample
from catseye.training.elastic.rules import NAMES, Elastic, Gradient, rule_from_name
from catseye.training.elastic.simulation import Moment, asynchronous, order_of_events

WORKERS, STEPS, MOMENTUM = 4, 400, 0.9
TAUS = (1, 4, 10, 16, 64)
NEVER = 10**9  # a period that no run reaches
RATES = {"sgd": 0.03, "averaged": 0.1, "downpour": 0.03, "easgd": 0.3, "eamsgd": 0.03}
OFTEN = {"downpour": 0.1, "eamsgd": 0.1}  # at tau 1 instead
LOOKS = 8  # evaluations of a run
TUNING_SEED = 1_000  # one that is not compared
SLOWEST = 1.06  # mean of the slowest of four steps that vary evenly by 10 %


class Look(NamedTuple):
    """steps: gradients of each worker, the mean.  seconds: in the simulated time.  sent: bytes of
    all so far.  error: on val."""

    steps: float
    seconds: float
    sent: int
    error: float


@dataclass(frozen=True)
class Method:
    """What came of one method.  looks: means over the seeds, after each part of a run.

    errors: at the end, one for each seed.  error, spread: their mean and the standard deviation of
    a sample (None for one seed).  seconds_to_5_percent: the first look with at most that error.
    """

    name: str
    tau: int
    rate: float
    looks: list[Look]
    errors: list[float]
    error: float
    spread: float | None
    seconds_to_5_percent: float | None


@dataclass(frozen=True)
class ElasticComparison:
    """steps: gradients of a worker in the time that all have."""

    costs: Costs
    steps: int
    seeds: int
    methods: list[Method]

    def as_json(self) -> JsonObject:
        return asdict(self) | {"costs": self.costs._asdict()}

    def lead(self) -> Spread:
        """The error of DOWNPOUR at tau 1 less that of EAMSGD at tau 10, seed by seed."""
        errors = {(method.name, method.tau): method.errors for method in self.methods}
        return of_sample(np.subtract(errors["downpour", 1], errors["eamsgd", 10]))


@dataclass(frozen=True)
class Trial:
    """The error of one method at one rate."""

    name: str
    tau: int
    rate: float
    error: float


def with_center(
    lab: Lab,
    name: str,
    tau: int,
    rate: float,
    steps: int,
    costs: Costs,
    apart: Sequence[Tensor] = (),
) -> tuple[list[Look], Moment]:
    """A run of DOWNPOUR, EASGD or EAMSGD, and how it ends. apart: as in `asynchronous`."""
    torch.manual_seed(lab.seed)  # of dropout
    events = [
        event
        for event in order_of_events(WORKERS, steps, tau, *costs, seed=lab.seed)
        if event.time_s <= steps * costs.step_s
    ]
    gradients = [lab.gradient(worker) for worker in range(WORKERS)]
    rule = rule_from_name(name, WORKERS, momentum=MOMENTUM)
    moments = asynchronous(
        rule, tau, lab.start, gradients, (event.worker for event in events), rate, apart
    )
    looks, chosen = [], when_to_look(len(events))
    for number, (event, moment) in enumerate(zip(events, moments), 1):
        if number in chosen:
            sent = moment.exchanges * 2 * moment.center.nbytes
            looks.append(Look(number / WORKERS, event.time_s, sent, lab.error(moment.center)))
    return looks, moment


def when_to_look(steps: int) -> set[int]:
    """After which of so many steps, the last always."""
    return {round(steps * part / LOOKS) for part in range(1, LOOKS + 1)}


def without_center(
    lab: Lab, gradient: Gradient, rate: float, steps: int, step_s: float, sent: int
) -> list[Look]:
    """A run of SGD with Nesterov's momentum. step_s: the time of a step, sent: the bytes of one."""
    torch.manual_seed(lab.seed)
    alone = asynchronous(Elastic(0.0, MOMENTUM), NEVER, lab.start, [gradient], [0] * steps, rate)
    chosen = when_to_look(steps)
    return [
        Look(number, number * step_s, number * sent, lab.error(moment.workers[0].x))
        for number, moment in enumerate(alone, 1)
        if number in chosen
    ]


def alone(lab: Lab, rate: float, steps: int, costs: Costs) -> list[Look]:
    """One worker."""
    return without_center(lab, lab.gradient(0), rate, steps, costs.step_s, 0)


def averaged(lab: Lab, rate: float, steps: int, costs: Costs) -> list[Look]:
    """All workers step together: the slowest of them and an all-reduce, which is taken to last as
    an exchange does.

    A ring all-reduce sends 2 (p - 1) times the weights, counted over all p.
    """
    step_s = costs.step_s * SLOWEST + costs.exchange_s
    gradient, taken = lab.averaged_gradient(WORKERS), int(steps * costs.step_s / step_s)
    return without_center(lab, gradient, rate, taken, step_s, 2 * (WORKERS - 1) * lab.start.nbytes)


def best_rate(name: str, tau: int) -> float:
    """What `tune` found for a method: larger where the workers speak at every step."""
    return OFTEN.get(name, RATES[name]) if tau == 1 else RATES[name]


def run(lab: Lab, name: str, tau: int, rate: float, steps: int, costs: Costs) -> list[Look]:
    """One run of any of the methods."""
    if name == "sgd":
        return alone(lab, rate, steps, costs)
    if name == "averaged":
        return averaged(lab, rate, steps, costs)
    return with_center(lab, name, tau, rate, steps, costs)[0]


def methods() -> list[tuple[str, int]]:
    """(name, tau) of all that are compared."""
    return [("sgd", 1), ("averaged", 1), *((name, tau) for name in NAMES for tau in TAUS)]


def compare(data: str, seeds: int, steps: int) -> ElasticComparison:
    """All methods, each with `seeds` runs in the time of `steps` gradients."""
    labs = [Lab(data, seed) for seed in range(seeds)]
    costs = measured_costs(labs[0])
    rows = []
    for name, tau in tqdm(methods(), "runs", leave=False, disable=None):
        rate = best_rate(name, tau)
        some = [run(lab, name, tau, rate, steps, costs) for lab in labs]
        rows.append(summary(name, tau, rate, some))
    return ElasticComparison(costs, steps=steps, seeds=seeds, methods=rows)


def summary(name: str, tau: int, rate: float, runs: list[list[Look]]) -> Method:
    """Of one method's runs, one for each seed."""
    looks = [Look._make(mean(values) for values in zip(*same)) for same in zip(*runs)]
    errors = [looks_of_seed[-1].error for looks_of_seed in runs]
    return Method(
        name=name,
        tau=tau,
        rate=rate,
        looks=looks,
        errors=errors,
        error=mean(errors),
        spread=stdev(errors) if len(errors) > 1 else None,
        seconds_to_5_percent=next((look.seconds for look in looks if look.error <= 0.05), None),
    )


def tune(data: str, steps: int) -> list[Trial]:
    """Each method at 1/3, 1 and 3 times its rate, with its own seed."""
    lab = Lab(data, TUNING_SEED)
    costs = Costs(step_s=0.01, exchange_s=0.001)
    trials = [
        (name, tau, best_rate(name, tau) * factor)
        for name, tau in methods()
        for factor in (1 / 3, 1.0, 3.0)
    ]
    return [
        Trial(name, tau, rate, run(lab, name, tau, rate, steps, costs)[-1].error)
        for name, tau, rate in tqdm(trials, "trials", leave=False, disable=None)
    ]
