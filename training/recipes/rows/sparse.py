"""The row of sparse coding: LISTA that gives codes, or one that denoises."""

from typing import TYPE_CHECKING

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.option_values import Values
from catseye.training.recipes.rows.row import Kind, Option, RecipeRow, fit_by_the_loop

if TYPE_CHECKING:
    from catseye.training.recipes.recipe import Recipe


def make(data: str, seed: int, values: Values) -> "Recipe":
    """The recipe that learns to give converged codes; with `denoise`, the one that learns to
    rebuild clean pictures."""
    own = {name: value for name, value in values.items() if name != "denoise"}
    if "denoise" in values:
        from catseye.training.recipes.denoise import DenoiseRecipe

        return DenoiseRecipe(data, seed, **own)
    from catseye.training.recipes.sparse import SparseRecipe

    return SparseRecipe(data, seed, **own)


def check(values: Values, patience: int) -> None:
    """Raises CatseyeError for a batch of what is drawn picture by picture."""
    if "denoise" in values and "batch" in values:
        raise CatseyeError(
            "--batch with --denoise", "one of them", "its batches are of two pictures"
        )


SPARSE = RecipeRow(
    task="sparse",
    summary="a dictionary of image patches, and LISTA, which computes sparse codes with it",
    epochs=30,
    optimizers=("soap", "adamw", "sgd", "entropy-sgd"),
    takes_sets=False,
    takes_start=False,  # another's weights belong to another dictionary
    one_loss=True,
    options=(
        Option("--atoms", "columns of the dictionary (100)", Kind.COUNT, "M"),
        Option("--iterations", "products with S in LISTA (3)", Kind.COUNT, "T"),
        Option(
            "--alpha",
            "weight of the codes' 1-norm (0.1, to denoise 1.5 times the noise)",
            Kind.POSITIVE,
        ),
        Option(
            "--inhibition",
            "how S is made: dense (default), untied (W_e and S of each step), masked:0.2,"
            " low-rank:20, coupled (LISTA-CP) or analytic (ALISTA)",
            metavar="FORM",
        ),
        Option(
            "--thresholds",
            "a theta for each step of LISTA (default), or one shared by all",
            among=("each", "shared"),
        ),
        Option(
            "--denoise",
            "learn to rebuild clean pictures from noisy ones, by adamw or sgd",
            Kind.SWITCH,
        ),
    ),
    make=make,
    fit=fit_by_the_loop,
    check=check,
)
