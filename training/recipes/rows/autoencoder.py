"""The row of the autoencoder."""

from typing import TYPE_CHECKING

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.option_values import Values
from catseye.training.recipes.rows.row import Kind, Option, RecipeRow, fit_by_the_loop

if TYPE_CHECKING:
    from catseye.training.recipes.autoencoder import AutoencoderRecipe


def make(data: str, seed: int, values: Values) -> "AutoencoderRecipe":
    """The recipe of the sparse autoencoder."""
    from catseye.training.recipes.autoencoder import AutoencoderRecipe

    return AutoencoderRecipe(data, seed, **values)


def check(values: Values, patience: int) -> None:
    """Raises CatseyeError for linear units with a KL term."""
    if "linear" in values and values.get("beta") != 0:
        raise CatseyeError(
            "--linear with a KL term", "--beta 0", "activations that are no probabilities have none"
        )


AUTOENCODER = RecipeRow(
    task="autoencoder",
    summary="a sparse autoencoder of image patches, which tells familiar frames from others",
    epochs=30,
    optimizers=("adamw", "sgd"),
    takes_sets=False,
    takes_start=False,  # another's weights belong to other frames that are known
    one_loss=True,
    options=(
        Option("--units", "hidden ones (100)", Kind.COUNT, "N"),
        Option("--rho", "mean activation wanted of a unit (0.05)", Kind.SHARE),
        Option("--beta", "weight of the KL term; 0: none (0.1)", Kind.NOT_NEGATIVE),
        Option("--decay", "weight of 1/2 ||W2||^2 (0.01)", Kind.NOT_NEGATIVE),
        Option("--linear", "no sigmoid; with --beta 0", Kind.SWITCH),
    ),
    make=make,
    fit=fit_by_the_loop,
    check=check,
)
