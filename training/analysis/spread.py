"""What a study says of a number that it measured for several seeds."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

Values = Sequence[float] | np.ndarray


class Spread(NamedTuple):
    """A mean and a standard deviation, in the unit of what was measured."""

    mean: float
    std: float


def in_words(spread: Spread, seeds: int, number: str) -> str:
    """`mean +- std`, each written as `number`, such as "%.2f"; of one seed the mean alone."""
    return f"{number} +- {number}" % spread if seeds > 1 else number % spread.mean


def over_seeds(values: Values) -> Spread:
    """Mean and standard deviation of exactly these values, (seeds,)."""
    return Spread(float(np.mean(values)), float(np.std(values)))


def of_sample(values: Values) -> Spread:
    """The mean, and the standard deviation of the population that (seeds,) values are a sample of:
    0 where there is one value only."""
    return Spread(float(np.mean(values)), float(np.std(values, ddof=1 if len(values) > 1 else 0)))
