"""Saturating against non-saturating loss: what is left of G's gradient while D gets better than a
newborn G.

G stays as it was initialised and D alone is trained; after some of D's steps the gradient of each
of G's losses by theta_g is taken on the same noise.
"""

from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor

from catseye.models.gan import Gan, generator_loss, noise
from catseye.runtime.system.json_document import JsonObject
from catseye.training.analysis.figure import figure
from catseye.training.analysis.spread import over_seeds
from catseye.training.recipes.gan import BATCH, minibatches, pictures_of
from catseye.training.recipes.gan_game import Game, gradient_norm

TIMES = (0, 1, 2, 5, 10, 20, 50, 100, 200, 400)  # steps of D
SAMPLES = 512


@dataclass(frozen=True)
class Saturation:
    """(seeds, times) each, at TIMES: mean D(G(z)), and the norms of the gradients by theta_g."""

    d_of_samples: np.ndarray
    saturating: np.ndarray
    non_saturating: np.ndarray

    @property
    def ratio(self) -> np.ndarray:
        """(seeds, times): how much more the non-saturating loss leaves."""
        return self.non_saturating / self.saturating

    def as_json(self) -> JsonObject:
        """Over the seeds: numbers after the last step, and the ratio before any."""
        numbers = {
            "d_of_samples": self.d_of_samples[:, -1],
            "gradient_saturating": self.saturating[:, -1],
            "gradient_non_saturating": self.non_saturating[:, -1],
            "ratio": self.ratio[:, -1],
            "ratio_before_any_step": self.ratio[:, 0],
        }
        return {
            "seeds": len(self.ratio),
            "steps_of_d": TIMES[-1],
            **{name: over_seeds(values)._asdict() for name, values in numbers.items()},
        }

    def draw(self, path: str) -> None:
        """D's belief in G's samples, and both gradients, over D's steps; bands: all seeds."""
        with figure(path, columns=2) as axes:
            _band(axes[0], self.d_of_samples, "D(G(z))", "b")
            _band(axes[1], self.saturating, "log(1 - D(G(z))), saturating", "r")
            _band(axes[1], self.non_saturating, "-log D(G(z)), non-saturating", "g")
            axes[0].set(title="D gets better", ylabel="mean D(G(z))")
            axes[1].set(
                title="what G still learns from it", ylabel="norm of the gradient by $\\theta_g$"
            )
            for axis in axes:
                axis.set(xlabel="steps of D, G as initialised", yscale="log")
                axis.set_xscale("symlog", linthresh=1)  # 0 is one of TIMES
                axis.set_xlim(0, TIMES[-1])
                axis.legend(fontsize=8)


def saturation(data: str, seeds: int) -> Saturation:
    """A D trained against a newborn G, for each of `seeds`."""
    measured = np.stack([_one_seed(data, seed) for seed in range(seeds)])
    return Saturation(*np.moveaxis(measured, 2, 0))


def _one_seed(data: str, seed: int) -> np.ndarray:
    """(times, 3): D(G(z)), saturating, non-saturating."""
    torch.manual_seed(seed)
    gan, examples = Gan(), minibatches(pictures_of(data, "train"), BATCH)
    game = Game(gan.generator, gan.discriminator, gan.config.latent)
    z = noise(SAMPLES, gan.config.latent)
    rows, done = [], 0
    for time in TIMES:
        for _ in range(time - done):
            game.step_discriminator(next(examples))
        rows.append(_gradients(gan, z))
        done = time
    return np.array(rows)


def _gradients(gan: Gan, z: Tensor) -> tuple[float, float, float]:
    """Mean of D(G(z)), and the norms of both losses' gradients by theta_g."""
    gan.discriminator.eval()  # the whole D, no unit dropped
    norms = []
    for saturating in (True, False):
        gan.zero_grad()
        of_fakes = gan.discriminator(gan(z))
        generator_loss(of_fakes, saturating).backward()
        norms.append(gradient_norm(gan.generator))
    gan.discriminator.train()
    return float(of_fakes.detach().sigmoid().mean()), norms[0], norms[1]


def _band(axis: Axes, values: np.ndarray, label: str, colour: str) -> None:
    axis.plot(TIMES, np.exp(np.log(values).mean(0)), colour, marker=".", label=label)
    axis.fill_between(TIMES, values.min(0), values.max(0), color=colour, alpha=0.2)
