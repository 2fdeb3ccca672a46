"""The row of the digits."""

from typing import TYPE_CHECKING

from catseye.runtime.system.option_values import Values
from catseye.training.recipes.rows.row import RecipeRow, fit_by_the_loop

if TYPE_CHECKING:
    from catseye.training.recipes.digits import DigitsRecipe


def make(data: str, seed: int, values: Values) -> "DigitsRecipe":
    """The recipe of LeNet."""
    from catseye.training.recipes.digits import DigitsRecipe

    return DigitsRecipe(data, seed, **values)


DIGITS = RecipeRow(
    task="digits",
    summary="LeNet on handwritten digits",
    epochs=30,
    optimizers=("soap", "adamw", "sgd", "entropy-sgd"),
    takes_sets=False,
    takes_start=True,
    one_loss=True,
    options=(),
    make=make,
    fit=fit_by_the_loop,
)
