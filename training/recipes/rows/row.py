"""What every row of RECIPES has. Knows no task; torch only once something is trained."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from catseye.runtime.system.option_values import Values

if TYPE_CHECKING:
    from catseye.models.meta import Meta
    from catseye.training.plan import TrainingPlan
    from catseye.training.recipes.recipe import Recipe


class Kind(Enum):
    """How the value of an option is spelled."""

    SWITCH = "nothing: given or not"
    TEXT = "any text"
    TEXTS = "any text, and the option may be repeated"
    COUNT = "a whole number above zero"
    POSITIVE = "a number above zero"
    NOT_NEGATIVE = "a number, zero or above"
    SHARE = "a number between 0 and 1, neither of them"
    SIZE = "WIDTHxHEIGHT"
    CHECKPOINT = "a checkpoint folder or a zoo name: the folder's path"


class Option(NamedTuple):
    """One option of a task: `--hold-out` sets the recipe's argument `hold_out`.

    among: the values that there are, where they are few.
    """

    flag: str
    help: str
    kind: Kind = Kind.TEXT
    metavar: str = ""
    among: tuple[str, ...] = ()

    @property
    def field(self) -> str:
        return self.flag.lstrip("-").replace("-", "_")


class Beginning(NamedTuple):
    """start: what the published weights are called that a network begins with, "" for random ones.
    new: the names of those that it did not have."""

    start: str = ""
    new: tuple[str, ...] = ()


def begin_at_random(recipe: "Recipe") -> Beginning:
    """For a task whose networks begin as they are made."""
    return Beginning()


def anything_fits(values: Values, patience: int) -> None:
    """For a task whose options fit together however they are chosen."""


def fit_by_the_loop(recipe: "Recipe", plan: "TrainingPlan") -> "Meta":
    """Train by the loop that recipes with one loss share. Raises CatseyeError as it does."""
    from catseye.training.loop import fit

    return fit(recipe, plan)


def nothing_to_tell(data: Any, values: Values) -> str:
    """For a task whose data are found in one place and read at once."""
    return ""


@dataclass(frozen=True, kw_only=True)
class RecipeRow:
    """How a task is trained; a row that lacks a part fails as it is imported, with the part's name.

    summary: what is trained, for people.  epochs: where none are asked for.  optimizers: those that
    its recipes have rates for, the usual one first.  takes_start: whether it can begin with the
    weights of another checkpoint.  one_loss: whether batches can be accumulated, by several
    processes, patiently or by elastic averaging.  takes_sets: whether --data may be repeated, so
    that `make` gets a tuple of folders.  options: its own.  make: (data, seed, values of the
    options that were given, by field) -> its recipe.  fit: trains that recipe by a plan.  begin:
    gives its network the first weights, where there is no checkpoint to start from.  check: raises
    CatseyeError for values that do not fit together, or not with that many evaluations of patience.
    ends_unseen: whether these values leave no validation data to choose an epoch by.  look: what
    there is to train on, in words, before torch is imported or a frame is read; raises CatseyeError
    for data that are not there.
    """

    task: str
    summary: str
    epochs: int
    optimizers: tuple[str, ...]
    takes_start: bool
    one_loss: bool
    takes_sets: bool
    options: tuple[Option, ...]
    make: Callable[[Any, int, Values], Any]
    fit: Callable[[Any, "TrainingPlan"], "Meta"]
    begin: Callable[[Any], Beginning] = begin_at_random
    check: Callable[[Values, int], None] = anything_fits
    ends_unseen: Callable[[Values], bool] = lambda values: False
    look: Callable[[Any, Values], str] = nothing_to_tell
