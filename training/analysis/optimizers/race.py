"""SGD, AdamW and Entropy-SGD on one task, over the same number of gradient evaluations, several
seeds each.

Runs are those of `catseye train`: the shared loop with its schedule, and each optimizer as it sets
it up. Each gets a rate by the same search, on the validation loss of a seed that is not compared;
gamma0, L and alpha are not searched.
"""

import os
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.json_document import JsonObject
from catseye.training.analysis.figure import figure
from catseye.training.analysis.optimizers.scored_recipes import (
    MEASURES,
    PlainDigits,
    ScoredRecipe,
    SmallRoad,
)
from catseye.training.analysis.optimizers.text import TextRecipe
from catseye.training.analysis.spread import Spread, of_sample
from catseye.training.loop import fit
from catseye.training.plan import TrainingPlan

FACTOR = 3.0  # between the rates that are tried
TUNING_SEED = 1_000
VAL_LOSS = MEASURES.index("val_loss")


class Contender(NamedTuple):
    """optimizer, decay_rate: as in a TrainingPlan."""

    optimizer: str
    decay_rate: bool = False


class RaceStudy(NamedTuple):
    """recipe: (data, seed) -> what is trained.  errors: what is wrong of what, as a heading."""

    recipe: Callable[[str, int], ScoredRecipe]
    epochs: int
    title: str
    errors: str


CONTENDERS = {
    "SGD": Contender("sgd"),
    "AdamW": Contender("adamw"),
    "Entropy-SGD": Contender("entropy-sgd"),
    "Entropy-SGD, eta decayed": Contender("entropy-sgd", decay_rate=True),
}
STUDIES = {
    "digits": RaceStudy(PlainDigits, 8, "LeNet, 3,200 digits of MNIST", "share of digits wrong"),
    "text": RaceStudy(TextRecipe, 6, "character LSTM", "share of characters not foreseen"),
    "road": RaceStudy(SmallRoad, 4, "road-nano, CamVid at 224x176", "share of pixels wrong"),
}


@dataclass(frozen=True)
class Outcome:
    """What came of one contender.

    tried: validation loss by rate in the search.  mean, spread: MEASURES over the seeds, each a
    list with a number per epoch; spread is the standard deviation of a sample.  gap: validation
    less training at the end, of "loss" and of "error".  to_reach_sgd: the gradient evaluations
    after which the mean validation loss is at SGD's final one, between evaluations by a straight
    line; None: never.
    """

    tried: dict[float, float]
    rate: float
    mean: dict[str, list[float]]
    spread: dict[str, list[float]]
    gap: dict[str, Spread]
    to_reach_sgd: float | None

    def as_json(self) -> JsonObject:
        gap = {kind: {"mean": gap.mean, "spread": gap.std} for kind, gap in self.gap.items()}
        return {**vars(self), "gap": gap}


@dataclass(frozen=True)
class Race:
    """gradients: evaluated after each epoch."""

    title: str
    seeds: int
    gradients: list[int]
    contenders: dict[str, Outcome]

    def as_json(self) -> JsonObject:
        contenders = {name: outcome.as_json() for name, outcome in self.contenders.items()}
        return {**vars(self), "contenders": contenders}


def compare(study: RaceStudy, data: str, seeds: int, epochs: int) -> Race:
    """All contenders, each with the best of its rates."""
    example = study.recipe(data, 0)
    gradients = [example.steps_per_epoch() * (epoch + 1) for epoch in range(epochs)]
    tried: dict[str, dict[float, float]] = {}
    scores: dict[str, np.ndarray] = {}
    for name, contender in CONTENDERS.items():

        def run(seed: int, rate: float, contender: Contender = contender) -> np.ndarray:
            return _scores_of_run(study, data, seed, contender, rate, epochs)

        start = example.learning_rates[contender.optimizer]
        tried[name] = rates_around_the_best(
            lambda rate: float(run(TUNING_SEED, rate)[-1, VAL_LOSS]), start
        )
        rate = _best(tried[name])
        scores[name] = np.array([run(seed, rate) for seed in range(seeds)])
    aim = float(scores["SGD"].mean(0)[-1, VAL_LOSS])
    outcomes = {name: _outcome(tried[name], rows, gradients, aim) for name, rows in scores.items()}
    return Race(study.title, seeds, gradients, outcomes)


def rates_around_the_best(loss: Callable[[float], float], start: float) -> dict[float, float]:
    """{rate: loss} of `start` and its neighbours FACTOR apart, extended until the least loss is at
    neither end."""
    tried = {rate: loss(rate) for rate in (start / FACTOR, start, start * FACTOR)}
    while True:
        best = _best(tried)
        if best == min(tried):
            further = best / FACTOR
        elif best == max(tried):
            further = best * FACTOR
        else:
            return tried
        tried[further] = loss(further)


def _best(tried: dict[float, float]) -> float:
    """The rate of the least loss."""
    return min(tried, key=lambda rate: tried[rate])


def evaluations_to_reach(aim: float, gradients: list[int], losses: list[float]) -> float | None:
    """Where the line through (gradients, losses) first is at or below `aim`."""
    for i, loss in enumerate(losses):
        if loss <= aim:
            if i == 0:
                return float(gradients[0])
            share = (losses[i - 1] - aim) / (losses[i - 1] - loss)
            return gradients[i - 1] + share * (gradients[i] - gradients[i - 1])
    return None


def draw(path: str | os.PathLike[str], answer: Race, errors: str) -> None:
    """Losses and validation error over gradient evaluations; bands are one standard deviation."""
    with figure(path, columns=3) as axes:
        for axis, measure in zip(axes, ("val_loss", "train_loss", "val_error")):
            for name, found in answer.contenders.items():
                mean, spread = np.array(found.mean[measure]), np.array(found.spread[measure])
                (line,) = axis.plot(
                    answer.gradients, mean, "--" if "decayed" in name else "-", label=name
                )
                axis.fill_between(
                    answer.gradients,
                    mean - spread,
                    mean + spread,
                    color=line.get_color(),
                    alpha=0.15,
                )
            axis.set(xlabel="gradient evaluations", yscale="log")
        axes[0].set(title=f"{answer.title}: validation loss", ylabel="loss")
        axes[1].set(title=f"training, mean and spread of {answer.seeds} seeds", ylabel="loss")
        axes[2].set(title=f"validation: {errors}", ylabel="share")
        axes[0].legend(fontsize=7)


def _scores_of_run(
    study: RaceStudy, data: str, seed: int, contender: Contender, rate: float, epochs: int
) -> np.ndarray:
    """(epochs, 4): MEASURES after each epoch of one run; infinite from where it diverged on."""
    recipe = study.recipe(data, seed)
    recipe.learning_rates = {contender.optimizer: rate}
    rows = np.full((epochs, len(MEASURES)), np.inf)
    with TemporaryDirectory() as folder:
        plan = TrainingPlan(
            Path(folder),
            epochs,
            contender.optimizer,
            "cpu",
            seed=seed,
            evaluations=epochs,
            decay_rate=contender.decay_rate,
        )
        try:
            with redirect_stdout(sys.stderr):  # where a run's lines do not mix with JSON
                fit(recipe, plan)
        except CatseyeError as error:
            if "diverged" not in str(error):
                raise
    for row, score in zip(rows, recipe.scores):
        row[:] = [score[measure] for measure in MEASURES]
    return rows


def _outcome(
    tried: dict[float, float], rows: np.ndarray, gradients: list[int], aim: float
) -> Outcome:
    """rows: (seeds, epochs, 4).  aim: the validation loss to reach."""
    mean, spread = (
        {measure: values[:, i].tolist() for i, measure in enumerate(MEASURES)}
        for values in (rows.mean(0), rows.std(0, ddof=1 if len(rows) > 1 else 0))
    )
    ends = {measure: rows[:, -1, i] for i, measure in enumerate(MEASURES)}
    return Outcome(
        tried=tried,
        rate=_best(tried),
        mean=mean,
        spread=spread,
        gap={
            kind: of_sample(ends["val_" + kind] - ends["train_" + kind])
            for kind in ("loss", "error")
        },
        to_reach_sgd=evaluations_to_reach(aim, gradients, mean["val_loss"]),
    )
