"""The lecture's figure of four panels, on real networks: a generator of numbers, its D, and D*
beside it.

Data are normal, z is uniform on -1..1, and G and D are small perceptrons, so p_g is known: the
histogram of G over a fine grid of z. The game is the one of training/recipes/gan_game.py.

(a) G begins near the data (fitted to another normal distribution); D has had a few steps.
(b) D was trained to its end with G held: it comes to D* = p_data / (p_data + p_g).
(c) G took some steps with D held: its samples flowed to where D was higher.
(d) Both took turns until neither got better: p_g = p_data, D = 1/2. D took k = 5 steps for each of
G, to stay near D*.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor, nn

from catseye.runtime.system.json_document import JsonObject
from catseye.training.analysis.adversarial.tabular import best_discriminator
from catseye.training.analysis.figure import figure
from catseye.training.analysis.spread import Spread, over_seeds
from catseye.training.recipes.gan_game import Game

BATCH = 256
START_MEAN, START_STD = 0.8, 0.8  # of p_g in panel (a); the data have 0 and 1
EDGES = np.linspace(-4, 4, 161)  # bins of x
X = (EDGES[1:] + EDGES[:-1]) / 2
# steps before each panel; those of D in a turn
PARTLY, FULLY, MOVES, TURNS, K = 3, 1500, 12, 1500, 5
RATE = 5.0  # times the game's rate for pictures
ARROWS = 15


class Panel(NamedTuple):
    """(160,) each, at X: density of G's samples and D; and where G sends ARROWS even points of
    z."""

    model: np.ndarray
    learned: np.ndarray
    sent: np.ndarray


@dataclass(frozen=True)
class Panels:
    """The panels of the first seed, and numbers over all seeds, by panel.

    variation: total variation of p_g from p_data.  d_from_best: mean |D - D*|, d_from_half: mean |D
    - 1/2|, both over x ~ (p_data + p_g) / 2, the mixture that D is asked about.
    """

    first: list[Panel]
    seeds: int
    d_from_best_a: Spread
    d_from_best_b: Spread
    variation_a: Spread
    variation_c: Spread
    variation_d: Spread
    d_from_half_d: Spread

    def as_json(self) -> JsonObject:
        """All but the panels."""
        return {
            "seeds": self.seeds,
            "d_from_best_a": self.d_from_best_a._asdict(),
            "d_from_best_b": self.d_from_best_b._asdict(),
            "variation_a": self.variation_a._asdict(),
            "variation_c": self.variation_c._asdict(),
            "variation_d": self.variation_d._asdict(),
            "d_from_half_d": self.d_from_half_d._asdict(),
        }

    def draw(self, path: str) -> None:
        """As in the lecture: data black, dotted; p_g green; D blue, dashed; arrows from z to x
        below. D* is orange."""
        titles = (
            "(a) near convergence",
            "(b) D trained, G held",
            "(c) G stepped, D held",
            "(d) at the end",
        )
        with figure(path, columns=4, height=4.0) as axes:
            for axis, panel, title in zip(axes, self.first, titles):
                best = best_discriminator(normal_density(X), panel.model)
                axis.plot(X, normal_density(X), "k:", linewidth=2, label="$p_{data}$")
                axis.plot(X, panel.model, "g", label="$p_g$")
                axis.plot(X, best, color="tab:orange", linewidth=3, alpha=0.5, label="D*")
                axis.plot(X, panel.learned, "b--", label="D")
                _draw_arrows(axis, panel.sent)
                axis.set(title=title, xlim=(-3.5, 3.5), ylim=(-0.62, 1.05), yticks=(0, 0.5, 1))
            axes[0].legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.68, 1.0))


def panels(seeds: int) -> Panels:
    """The four panels played for each of `seeds`."""
    runs = [_four_panels(seed) for seed in range(seeds)]
    a, b, c, d = zip(*runs)
    return Panels(
        first=runs[0],
        seeds=seeds,
        d_from_best_a=over_seeds([_from_best(panel) for panel in a]),
        d_from_best_b=over_seeds([_from_best(panel) for panel in b]),
        variation_a=over_seeds([_variation(panel) for panel in a]),
        variation_c=over_seeds([_variation(panel) for panel in c]),
        variation_d=over_seeds([_variation(panel) for panel in d]),
        d_from_half_d=over_seeds([_asked(panel, np.abs(panel.learned - 0.5)) for panel in d]),
    )


def normal_density(x: np.ndarray) -> np.ndarray:
    """Of the data."""
    return np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)


def _four_panels(seed: int) -> list[Panel]:
    torch.manual_seed(seed)
    generator, discriminator = _perceptron(32), nn.Sequential(_perceptron(64), nn.Flatten(0))
    _fit_start(generator)
    game, examples = Game(generator, discriminator, 1, "adamw", steps=K), _examples()
    found = []
    for steps in (PARTLY, FULLY):
        for step in range(steps):
            game.scale_rates(RATE * (1 - step / steps))
            game.step_discriminator(next(examples))
        found.append(_panel(game))
    game.scale_rates(RATE)
    for _ in range(MOVES):
        game.step_generator(BATCH, torch.device("cpu"))
    found.append(_panel(game))
    for turn in range(TURNS):
        # with a fixed rate the two circle around each other
        game.scale_rates(RATE * (1 - turn / TURNS))
        game.iterate(examples)
    return [*found, _panel(game)]


def _perceptron(units: int) -> nn.Sequential:
    """(N, 1) -> (N, 1)."""
    return nn.Sequential(
        nn.Linear(1, units), nn.Tanh(), nn.Linear(units, units), nn.Tanh(), nn.Linear(units, 1)
    )


def _fit_start(generator: nn.Module) -> None:
    """Teach G the quantiles of the start's normal distribution: p_g is known before the game
    begins."""
    z = torch.linspace(-0.999, 0.999, 999)[:, None]
    wanted = START_MEAN + START_STD * torch.erfinv(z) * 2**0.5
    optimizer = torch.optim.Adam(generator.parameters(), 0.01)
    for _ in range(400):
        optimizer.zero_grad()
        (generator(z) - wanted).square().mean().backward()
        optimizer.step()


def _examples() -> Iterator[Tensor]:
    while True:
        yield torch.randn(BATCH, 1)


@torch.no_grad()
def _panel(game: Game) -> Panel:
    samples = game.generator(torch.linspace(-1, 1, 200_001)[:, None])
    model = np.histogram(samples.numpy(), EDGES, density=True)[0]
    learned = game.discriminator(torch.tensor(X, dtype=torch.float32)[:, None]).sigmoid()
    sent = game.generator(torch.linspace(-1, 1, ARROWS)[:, None])[:, 0]
    return Panel(model, learned.numpy(), sent.numpy())


def _asked(panel: Panel, error: np.ndarray) -> float:
    mixture = normal_density(X) + panel.model
    return float(error @ mixture / mixture.sum())


def _from_best(panel: Panel) -> float:
    return _asked(panel, np.abs(panel.learned - best_discriminator(normal_density(X), panel.model)))


def _variation(panel: Panel) -> float:
    """Total variation between p_g and p_data, 0-1."""
    return float(np.abs(panel.model - normal_density(X)).sum() * (X[1] - X[0]) / 2)


def _draw_arrows(axis: Axes, sent: np.ndarray) -> None:
    """The lines of z and x below the curves, and where G sends even points of z."""
    for height, name in ((-0.2, "x"), (-0.55, "z")):
        axis.plot((-3, 3), (height, height), "k", linewidth=1)
        axis.text(3.1, height, name, verticalalignment="center")
    for z, x in zip(np.linspace(-3, 3, ARROWS), sent):
        style = {"arrowstyle": "->", "linewidth": 0.7}
        axis.annotate("", (x, -0.2), (z, -0.55), arrowprops=style, annotation_clip=True)
