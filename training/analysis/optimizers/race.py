"""SGD, AdamW and Entropy-SGD on one task, over the same number of gradient evaluations, several
seeds each.

All are annealed alike and searched with as many runs each, on the validation loss at the end for a
seed that is not compared. Batches follow on from epoch to epoch, so a step may take some of two.
"""

import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, islice
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from catseye.runtime.system.json_document import JsonObject
from catseye.training.analysis.figure import figure
from catseye.training.analysis.optimizers.contenders import (
    CONTENDERS,
    Contender,
    Setting,
    annealed,
    changed,
)
from catseye.training.analysis.optimizers.kept import KeptRuns, Rows
from catseye.training.analysis.optimizers.scored_recipes import (
    MEASURES,
    PlainDigits,
    ScoredRecipe,
    SmallRoad,
)
from catseye.training.analysis.optimizers.text import TextRecipe
from catseye.training.analysis.spread import Spread, of_sample

FACTOR = 2.0  # between the rates that are tried
RATES = 4  # that are tried
TUNING_SEED = 1_000
VAL_LOSS, VAL_ERROR = MEASURES.index("val_loss"), MEASURES.index("val_error")


class RaceStudy(NamedTuple):
    """recipe: (data, seed) -> what is trained.  gradients: of a run; every: between two evaluations
    of it.  errors: what is wrong of what, as a heading."""

    recipe: Callable[[str, int], ScoredRecipe]
    gradients: int
    every: int
    title: str
    errors: str


STUDIES = {
    "digits": RaceStudy(
        PlainDigits, 2_000, 200, "LeNet, 3,200 digits of MNIST", "share of digits wrong"
    ),
    "text": RaceStudy(
        TextRecipe,
        3_000,
        200,
        "character LSTM of two layers",
        "share of characters not foreseen",
    ),
    "road": RaceStudy(SmallRoad, 200, 40, "road-nano, CamVid at 224x176", "share of pixels wrong"),
}


class Tried(NamedTuple):
    """loss: on the validation set at the end."""

    setting: Setting
    loss: float


@dataclass(frozen=True)
class Outcome:
    """What came of one contender.

    tried: in the search, in its order.  setting: the best of them.  mean, spread: MEASURES over the
    seeds, each a list with a number per evaluation.  best, end: of a seed's run, over the seeds, by
    measure: the validation's two.  gap: validation less training loss at the end.  All spreads are
    the standard deviation of a sample.  to_reach_sgd: the gradient evaluations after which the mean
    validation loss is at the least of SGD's, between evaluations by a straight line; None: never.
    """

    tried: list[Tried]
    setting: Setting
    mean: dict[str, list[float]]
    spread: dict[str, list[float]]
    best: dict[str, Spread]
    end: dict[str, Spread]
    gap: Spread
    to_reach_sgd: float | None

    def as_json(self) -> JsonObject:
        tried = [each._asdict() for each in self.tried]
        spreads = {
            name: {measure: spread._asdict() for measure, spread in found.items()}
            for name, found in (("best", self.best), ("end", self.end))
        }
        return {**vars(self), **spreads, "tried": tried, "gap": self.gap._asdict()}


@dataclass(frozen=True)
class Race:
    """gradients: evaluated before each evaluation of the losses."""

    title: str
    seeds: int
    gradients: list[int]
    contenders: dict[str, Outcome]

    def as_json(self) -> JsonObject:
        contenders = {name: outcome.as_json() for name, outcome in self.contenders.items()}
        return {**vars(self), "contenders": contenders}


def compare(name: str, data: str, seeds: int, runs: KeptRuns) -> Race:
    """All contenders of the study of that name, each with the best of its settings; runs that are
    kept are taken from there."""
    study = STUDIES[name]
    gradients = study.gradients
    example = study.recipe(data, 0)
    described, rates = example.describe_data(), example.learning_rates
    tried: dict[str, list[Tried]] = {}
    scores: dict[str, np.ndarray] = {}
    for racer, contender in CONTENDERS.items():

        def run(seed: int, setting: Setting, contender: Contender = contender) -> Rows:
            terms: JsonObject = {
                "study": name,
                "data": described,
                "optimizer": contender.optimizer,
                "setting": setting,
                "gradients": gradients,
                "seed": seed,
            }
            every = gradients if seed == TUNING_SEED else study.every
            return runs.rows_of(
                terms,
                (gradients // every, len(MEASURES)),
                lambda: scores_of_run(
                    study.recipe(data, seed), contender.optimizer, setting, gradients, every, seed
                ).tolist(),
            )

        tried[racer] = searched(
            lambda setting: run(TUNING_SEED, setting)[-1][VAL_LOSS],
            contender,
            rates[contender.optimizer],
        )
        best = _best(tried[racer]).setting
        scores[racer] = np.array(
            [run(seed, best) for seed in tqdm(range(seeds), racer, leave=False)]
        )
    aim = float(scores["SGD"].mean(0)[:, VAL_LOSS].min())
    evaluated = [*range(study.every, gradients + 1, study.every)]
    outcomes = {
        racer: _outcome(tried[racer], rows, evaluated, aim) for racer, rows in scores.items()
    }
    return Race(study.title, seeds, evaluated, outcomes)


def searched(loss: Callable[[Setting], float], contender: Contender, start: float) -> list[Tried]:
    """Every setting that is tried: RATES rates FACTOR apart, from `start` on downhill, then the
    contender's changes of the best."""
    tried: list[Tried] = []

    def attempt(setting: Setting) -> None:
        tried.append(Tried(setting, loss(setting)))

    for steps in (0, -1, 1):
        attempt(contender.setting | {"rate": start * FACTOR**steps})
    while len(tried) < RATES:
        by_rate = sorted(tried, key=lambda each: each.setting["rate"])
        downhill = by_rate[0].loss < by_rate[-1].loss
        rate = by_rate[0 if downhill else -1].setting["rate"]
        attempt(contender.setting | {"rate": rate * (1 / FACTOR if downhill else FACTOR)})
    for change in contender.changes:
        attempt(changed(_best(tried).setting, change))
    return tried


def _best(tried: list[Tried]) -> Tried:
    return min(tried, key=lambda each: each.loss)


def scores_of_run(
    recipe: ScoredRecipe, optimizer: str, setting: Setting, gradients: int, every: int, seed: int
) -> np.ndarray:
    """(gradients // every, 4): MEASURES after each `every` gradients; infinite from where it
    diverged on."""
    rows = np.full((gradients // every, len(MEASURES)), np.inf)
    network, batches = recipe.network, _endless(recipe)
    run = annealed(optimizer, network.parameters(), setting, gradients, seed)
    steps = run.steps(lambda: recipe.loss(network, next(batches)))
    for row in rows:
        network.train()
        if not all(map(math.isfinite, islice(steps, every // run.gradients))):
            return rows
        network.eval()
        with torch.no_grad():
            recipe.evaluate(network, torch.device("cpu"))
        scores = np.array([recipe.scores[-1][measure] for measure in MEASURES])
        if np.isnan(scores).any():
            return rows
        row[:] = scores
    return rows


def _endless(recipe: ScoredRecipe) -> Iterator[tuple[Tensor, ...]]:
    for epoch in count():
        yield from recipe.batches(epoch)


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
                (line,) = axis.plot(answer.gradients, mean, label=name)
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


def _outcome(tried: list[Tried], rows: np.ndarray, gradients: list[int], aim: float) -> Outcome:
    """rows: (seeds, evaluations, 4).  aim: the validation loss to reach."""
    mean, spread = (
        {measure: values[:, i].tolist() for i, measure in enumerate(MEASURES)}
        for values in (rows.mean(0), rows.std(0, ddof=1 if len(rows) > 1 else 0))
    )
    judged = {"val_loss": rows[:, :, VAL_LOSS], "val_error": rows[:, :, VAL_ERROR]}
    train_loss = rows[:, -1, MEASURES.index("train_loss")]
    return Outcome(
        tried=tried,
        setting=_best(tried).setting,
        mean=mean,
        spread=spread,
        best={measure: of_sample(values.min(1)) for measure, values in judged.items()},
        end={measure: of_sample(values[:, -1]) for measure, values in judged.items()},
        gap=of_sample(rows[:, -1, VAL_LOSS] - train_loss),
        to_reach_sgd=evaluations_to_reach(aim, gradients, mean["val_loss"]),
    )
