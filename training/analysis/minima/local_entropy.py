"""Local entropy of a landscape with one wide and one sharp valley, by quadrature: which of them is
the lowest point.

    F(x, gamma) = log integral exp(-f(x') - gamma/2 (x - x')^2) dx'

grows with log(2 pi / gamma) whatever f is; without that constant, -F is -log E exp(-f(x + u /
sqrt(gamma))) with u of N(0, 1), which is f itself as gamma grows. Knows formulas only: nothing of
networks.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from catseye.runtime.system.json_document import JsonObject
from catseye.training.analysis.figure import figure

Landscape = Callable[[np.ndarray], np.ndarray]

WIDE, SHARP = -2.0, 2.0  # where the valleys are
WIDTHS = 1.0, 0.1
DEPTHS = 4.0, 5.0  # below a plain of height 5: the sharp valley is the deeper one
SHOWN_GAMMAS = 1e5, 30.0, 1.0, 0.1, 1e-3
BETAS = 1.0, 3.0, 10.0, 100.0
AT, SCOPES = -1.0, (100.0, 10.0, 1.0, 0.01)  # x of the modified Gibbs distribution, and its gammas
BOX = np.linspace(-4, 4, 8001)  # what Gibbs distributions are told on: a plain has no end
NEAR = 0.3  # of the bottom of the sharp valley, or of x
NODES = np.linspace(-9, 9, 20_001)  # of u; exp(-u^2 / 2) is below 1e-17 beyond


class EntropyCurves(NamedTuple):
    """x, f and -F by gamma: (N,) each; -F without its constant."""

    x: np.ndarray
    f: np.ndarray
    by_gamma: dict[float, np.ndarray]


def two_valleys(x: np.ndarray) -> np.ndarray:
    """f: a plain of height 5 with a wide valley down to 1 at -2 and a sharp one down to 0 at 2."""
    places = zip((WIDE, SHARP), WIDTHS, DEPTHS)
    return np.subtract(
        DEPTHS[1],
        sum(depth * np.exp(-(((x - at) / width) ** 2) / 2) for at, width, depth in places),
    )


def negative_local_entropy(f: Landscape, x: np.ndarray, gamma: float) -> np.ndarray:
    """-F(x, gamma) + 1/2 log(2 pi / gamma) at each of (N,) points, by the trapezium rule over
    NODES."""
    weights = np.exp(-(NODES**2) / 2)
    weights /= weights.sum()
    return np.array([-np.log(weights @ np.exp(-f(at + NODES / np.sqrt(gamma)))) for at in x])


def gibbs_mean(f: Landscape, x: np.ndarray, gamma: float) -> np.ndarray:
    """<x'>, the mean of exp(-f(x') - gamma/2 (x - x')^2) / Z, for each of (N,) points."""
    means = []
    for at in x:
        nodes = at + NODES / np.sqrt(gamma)
        density = np.exp(-f(nodes) - NODES**2 / 2)
        means.append(nodes @ density / density.sum())
    return np.array(means)


def gibbs_density(beta: float) -> np.ndarray:
    """P(x; beta) = exp(-beta f(x)) / Z of two_valleys, at BOX."""
    return _density(-beta * two_valleys(BOX))


def modified_gibbs_density(gamma: float, x: float = AT) -> np.ndarray:
    """P(x'; x, 1, gamma) = exp(-f(x') - gamma/2 (x - x')^2) / Z, at BOX."""
    return _density(-two_valleys(BOX) - gamma / 2 * (x - BOX) ** 2)


def share_near(density: np.ndarray, place: float) -> float:
    """The probability of being within NEAR of `place`."""
    return float(density[np.abs(BOX - place) < NEAR].sum() * (BOX[1] - BOX[0]))


def _density(logarithm: np.ndarray) -> np.ndarray:
    height = np.exp(logarithm - logarithm.max())
    return height / (height.sum() * (BOX[1] - BOX[0]))


def curves() -> EntropyCurves:
    """f and, for each of SHOWN_GAMMAS, -F over -4..4."""
    x = np.linspace(-4, 4, 401)
    return EntropyCurves(
        x,
        two_valleys(x),
        {gamma: negative_local_entropy(two_valleys, x, gamma) for gamma in SHOWN_GAMMAS},
    )


class EntropyShape(NamedTuple):
    """Of -F for one gamma.

    minimum: where it is lowest.  range: its highest less its lowest value over the points drawn.
    furthest: the largest |-F - f|.  curvature: the largest |d2(-F)/dx2|.
    """

    gamma: float
    minimum: float
    range: float
    furthest: float
    curvature: float


@dataclass(frozen=True)
class EntropyAnswer:
    """What the lecture says of gamma.  curvature_of_f: the largest |d2f/dx2|.  sharp_wins_above:
    the gamma at which the minimum moves.

    at_minimum: by beta, the Gibbs distribution's share near the global minimum.  at_x: by gamma,
    the modified one's share near x.  from_gibbs: its total variation from the Gibbs distribution.
    """

    gammas: list[EntropyShape]
    curvature_of_f: float
    sharp_wins_above: float
    at_minimum: dict[str, float]
    at_x: dict[str, float]
    from_gibbs: dict[str, float]

    def as_json(self) -> JsonObject:
        return {
            "gibbs_share_at_minimum_by_beta": dict(self.at_minimum),
            "modified_share_at_x_by_gamma": dict(self.at_x),
            "modified_variation_from_gibbs_by_gamma": dict(self.from_gibbs),
            "gammas": [shape._asdict() for shape in self.gammas],
            "curvature_of_f": self.curvature_of_f,
            "sharp_wins_above": self.sharp_wins_above,
        }


def report(drawn: EntropyCurves) -> EntropyAnswer:
    """For each gamma that is drawn."""
    shapes = [
        EntropyShape(
            gamma=gamma,
            minimum=float(drawn.x[values.argmin()]),
            range=float(np.ptp(values)),
            furthest=float(np.abs(values - drawn.f).max()),
            curvature=_curvature(values, drawn.x),
        )
        for gamma, values in drawn.by_gamma.items()
    ]
    modified = {f"{gamma:g}": modified_gibbs_density(gamma) for gamma in SCOPES}
    apart = {gamma: np.abs(density - gibbs_density(1)).sum() for gamma, density in modified.items()}
    return EntropyAnswer(
        shapes,
        _curvature(drawn.f, drawn.x),
        crossing(),
        {f"{beta:g}": share_near(gibbs_density(beta), SHARP) for beta in BETAS},
        {gamma: share_near(density, AT) for gamma, density in modified.items()},
        {gamma: float(total) * (BOX[1] - BOX[0]) / 2 for gamma, total in apart.items()},
    )


def crossing() -> float:
    """The gamma at which -F is as low in the wide valley as in the sharp one."""
    exponent = brentq(lambda exponent: np.subtract(*_heights(10.0**exponent)), 0, 5)
    return 10.0 ** float(exponent)


def draw(path: str | os.PathLike[str], drawn: EntropyCurves) -> None:
    """f and -F for several gamma, the height of -F above either valley over gamma, and the two
    Gibbs distributions."""
    gammas = np.logspace(-3, 5, 41)
    with figure(path, columns=2, rows=2) as (landscapes, heights, gibbs, modified):
        landscapes.plot(drawn.x, drawn.f, "k", lw=5, alpha=0.25, label="f")
        for gamma, values in drawn.by_gamma.items():
            (line,) = landscapes.plot(drawn.x, values, label=f"γ = {gamma:g}")
            landscapes.plot(drawn.x[values.argmin()], values.min(), "o", color=line.get_color())
        landscapes.set(
            xlabel="x", ylabel="−F + ½ log(2π/γ)", title="local entropy; dots: global minima"
        )
        landscapes.legend(fontsize=7, loc="lower center")
        lines = heights.semilogx(gammas, [_heights(gamma) for gamma in gammas])
        mark = heights.axvline(crossing(), color="k", lw=0.8, ls=":")
        names = "at the wide valley, f = 1", "at the sharp valley, f = 0", f"γ = {crossing():.0f}"
        heights.set(xlabel="γ", ylabel="−F + ½ log(2π/γ)", title="which valley is the lower one")
        heights.legend([*lines, mark], names, fontsize=7)
        for beta in BETAS:
            gibbs.plot(BOX, gibbs_density(beta), label=f"β = {beta:g}")
        gibbs.set(xlabel="x", ylabel="P(x; β)", yscale="log", title="Gibbs distribution")
        gibbs.set_ylim(1e-3, 100)
        for gamma in SCOPES:
            modified.plot(BOX, modified_gibbs_density(gamma), label=f"γ = {gamma:g}")
        modified.plot(BOX, gibbs_density(1), "k:", label="Gibbs, β = 1")
        modified.axvline(AT, color="grey", lw=0.8)
        modified.set(xlabel="x'", ylabel="P(x'; x, 1, γ)", title=f"modified, at x = {AT:g}")
        modified.set_ylim(0, 2.2)
        for axis in (gibbs, modified):
            axis.legend(fontsize=7, loc="upper left")


def _heights(gamma: float) -> np.ndarray:
    """(2,): -F at the wide valley and at the sharp one."""
    return negative_local_entropy(two_valleys, np.array([WIDE, SHARP]), gamma)


def _curvature(values: np.ndarray, x: np.ndarray) -> float:
    return float(np.abs(np.diff(values, 2)).max() / (x[1] - x[0]) ** 2)
