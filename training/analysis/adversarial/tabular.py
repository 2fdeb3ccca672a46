"""Theorems 1-3 where they can be computed: p_g as a table that descends its own gradient, D always
at its optimum.

    1.  D*(x) = p_data(x) / (p_data(x) + p_g(x))
    2.  C(p_g) = max_D V = sum p_data log D* + p_g log(1 - D*) = -log 4 + 2 JSD(p_data, p_g)
    3.  dC / dp_g(x) = log(1 - D*(x)), as D* itself does not move to first order

p_g goes down this gradient on the simplex: each step is projected back onto it.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from catseye.runtime.system.json_document import JsonObject
from catseye.training.analysis.figure import figure

LOG_4 = float(np.log(4))
STATES, LEAST = 12, 0.02  # of the table; no state of either distribution is rarer
RATE, STEPS = 0.01, 1000  # C's curvature is up to 1 / (2 LEAST)


class Descent(NamedTuple):
    """data: (S,) p_data.  path: (steps + 1, S) p_g from the start on.  value: (steps + 1,) C of
    each."""

    data: np.ndarray
    path: np.ndarray
    value: np.ndarray


def best_discriminator(data: np.ndarray, model: np.ndarray) -> np.ndarray:
    """D* of two densities or tables of one shape; 1/2 where neither has mass."""
    total = data + model
    return np.divide(data, total, out=np.full_like(total, 0.5), where=total > 0)


def criterion(data: np.ndarray, model: np.ndarray) -> float:
    """C, the value of the game with D at its optimum; all entries above 0."""
    best = best_discriminator(data, model)
    return float(data @ np.log(best) + model @ np.log(1 - best))


def descend(data: np.ndarray, start: np.ndarray, rate: float = RATE, steps: int = STEPS) -> Descent:
    """Gradient descent on p_g, from `start`."""
    path = [start]
    for _ in range(steps):
        gradient = np.log(1 - best_discriminator(data, path[-1]))
        path.append(onto_simplex(path[-1] - rate * gradient))
    return Descent(data, np.stack(path), np.array([criterion(data, model) for model in path]))


def onto_simplex(v: np.ndarray) -> np.ndarray:
    """(S,) -> the nearest point with entries >= 0 and sum 1: max(v - t, 0), t from the sorted
    entries."""
    ordered = np.sort(v)[::-1]
    thresholds = (np.cumsum(ordered) - 1) / np.arange(1, len(v) + 1)
    return np.maximum(v - thresholds[ordered > thresholds][-1], 0)


@dataclass(frozen=True)
class Tabular:
    """Largest errors at the end of all descents, and the first descent.

    value_rose: steps of all in which C went up.
    """

    first: Descent
    value_start: list[float]
    value_from_minus_log_4: float
    p_error: float
    d_error: float
    value_rose: int

    def as_json(self) -> JsonObject:
        """All but the first descent."""
        return {
            "seeds": len(self.value_start),
            "steps": STEPS,
            "value_start": self.value_start,
            "value_from_minus_log_4": self.value_from_minus_log_4,
            "p_error": self.p_error,
            "d_error": self.d_error,
            "value_rose": self.value_rose,
        }

    def draw(self, path: str) -> None:
        """Of the first descent: p_g at four times, D* at the same, and C on its way to -log 4."""
        descent = self.first
        times = [0, 10, 50, len(descent.path) - 1]
        with figure(path, columns=3) as axes:
            axes[0].step(
                range(STATES), descent.data, "k:", where="mid", linewidth=2, label="$p_{data}$"
            )
            for time, strength in zip(times, (0.25, 0.5, 0.75, 1.0)):
                model, label = descent.path[time], f"step {time}"
                axes[0].step(
                    range(STATES), model, "g", where="mid", alpha=strength, label=f"$p_g$, {label}"
                )
                best = best_discriminator(descent.data, model)
                axes[1].step(range(STATES), best, "b--", where="mid", alpha=strength, label=label)
            axes[1].axhline(0.5, color="k", linewidth=0.8)
            axes[2].semilogy(np.maximum(descent.value + LOG_4, 1e-16), "r")  # rounding goes below 0
            axes[0].set(title="$p_g$ descends", xlabel="x")
            axes[1].set(title="D at its optimum", xlabel="x", ylabel="D*(x)")
            axes[2].set(title="the value of the game", xlabel="step", ylabel="C($p_g$) + log 4")
            for axis in axes[:2]:
                axis.legend(fontsize=7)


def tabular(seeds: int) -> Tabular:
    """From `seeds` pairs of random tables."""
    descents = [descend(*random_tables(seed)) for seed in range(seeds)]
    return Tabular(
        first=descents[0],
        value_start=[float(each.value[0]) for each in descents],
        value_from_minus_log_4=max(float(abs(each.value[-1] + LOG_4)) for each in descents),
        p_error=max(float(np.abs(each.path[-1] - each.data).max()) for each in descents),
        d_error=max(
            float(np.abs(best_discriminator(each.data, each.path[-1]) - 0.5).max())
            for each in descents
        ),
        value_rose=int(sum((np.diff(each.value) > 1e-12).sum() for each in descents)),
    )


def random_tables(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two (STATES,) distributions."""
    shares = np.random.default_rng(seed).dirichlet(np.ones(STATES), 2)
    data, start = LEAST + (1 - LEAST * STATES) * shares
    return data, start
