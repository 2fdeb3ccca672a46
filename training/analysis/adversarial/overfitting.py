"""D optimised to completion on a finite set overfits it: why Algorithm 1 takes k steps and no more.

G is the shipped one and stays as it is; a new D is trained on few examples until it knows them all.
It is scored on those and on examples that it has not seen, both against fresh samples of G.
Held-out examples are what G is pulled to, so what D says of them is what counts.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from catseye.models.gan import Discriminator, Gan, noise, value
from catseye.runtime.system.json_document import JsonObject
from catseye.training.analysis.figure import figure
from catseye.training.analysis.spread import Spread, over_seeds
from catseye.training.recipes.gan import BATCH, minibatches, pictures_of
from catseye.training.recipes.gan_game import Game

EXAMPLES = 500
EVERY, MEASURES = 50, 30  # steps of D between measurements, and how many


class OverfittingCurves(NamedTuple):
    """(measures + 1,) each. value: V; right: share of examples that D takes for data; of the set
    and held out."""

    value_set: np.ndarray
    value_held_out: np.ndarray
    right_set: np.ndarray
    right_held_out: np.ndarray


@dataclass(frozen=True)
class Overfitting:
    """The curves of each seed, and V at the highest that it came to on held-out examples."""

    curves: list[OverfittingCurves]
    at_end: dict[str, Spread]  # by name of the curve
    best: Spread
    step_of_best: list[int]

    def as_json(self) -> JsonObject:
        """All but the curves."""
        return {
            "seeds": len(self.curves),
            "examples": EXAMPLES,
            "steps": EVERY * MEASURES,
            **{f"{name}_end": spread._asdict() for name, spread in self.at_end.items()},
            "value_held_out_best": self.best._asdict(),
            "step_of_best": self.step_of_best,
        }

    def draw(self, path: str) -> None:
        """V and D's right answers over D's steps, of every seed."""
        steps = np.arange(MEASURES + 1) * EVERY
        with figure(path, columns=2) as axes:
            for number, each in enumerate(self.curves):
                for axis, seen, unseen in (
                    (axes[0], each.value_set, each.value_held_out),
                    (axes[1], each.right_set, each.right_held_out),
                ):
                    axis.plot(
                        steps,
                        seen,
                        "b",
                        label=None if number else f"the {EXAMPLES} examples of the set",
                    )
                    axis.plot(steps, unseen, "r--", label=None if number else "held-out examples")
            axes[0].set(title="the value that D ascends", ylabel="V")
            axes[1].set(title="examples that D takes for data", ylabel="share")
            for axis in axes:
                axis.set_xlabel("steps of D, G held")
            axes[1].legend(fontsize=8)


def overfitting(gan: Gan, data: str, seeds: int) -> Overfitting:
    """A new D trained on few digits for each of `seeds`."""
    curves = [_one_seed(gan, data, seed) for seed in range(seeds)]
    best = [int(each.value_held_out.argmax()) for each in curves]
    return Overfitting(
        curves=curves,
        at_end={
            name: over_seeds([values[-1] for values in of_seeds])
            for name, of_seeds in zip(OverfittingCurves._fields, zip(*curves))
        },
        best=over_seeds([each.value_held_out[step] for each, step in zip(curves, best)]),
        step_of_best=[EVERY * step for step in best],
    )


def _one_seed(gan: Gan, data: str, seed: int) -> OverfittingCurves:
    torch.manual_seed(seed)
    train, held_out = pictures_of(data, "train"), pictures_of(data, "val")
    few = train[torch.randperm(len(train))[:EXAMPLES]]
    config = gan.config
    newborn = Discriminator(config.discriminator, config.dropout, config.pieces)
    game = Game(gan.generator, newborn, config.latent, "adamw")
    examples, rows = minibatches(few, BATCH), [_measured(game, few, held_out)]
    for _ in range(MEASURES):
        for _ in range(EVERY):
            game.step_discriminator(next(examples))
        rows.append(_measured(game, few, held_out))
    return OverfittingCurves(*np.array(rows).T)


@torch.no_grad()
def _measured(game: Game, few: Tensor, held_out: Tensor) -> tuple[float, float, float, float]:
    game.discriminator.eval()
    of_fakes = game.discriminator(game.generator(noise(len(held_out), game.latent)))
    of_set, of_held_out = (game.discriminator(x) for x in (few, held_out))
    game.discriminator.train()
    values = [float(value(each, of_fakes)) for each in (of_set, of_held_out)]
    right = [float((each > 0).float().mean()) for each in (of_set, of_held_out)]
    return values[0], values[1], right[0], right[1]
