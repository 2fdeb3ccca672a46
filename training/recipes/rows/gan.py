"""The row of the two players, whose game is a loop of its own."""

from typing import TYPE_CHECKING

from catseye.runtime.system.option_values import Values
from catseye.training.recipes.rows.row import Kind, Option, RecipeRow

if TYPE_CHECKING:
    from catseye.models.meta import Meta
    from catseye.training.plan import TrainingPlan
    from catseye.training.recipes.gan import GanRecipe


def make(data: str, seed: int, values: Values) -> "GanRecipe":
    """The recipe of a generator and a discriminator."""
    from catseye.training.recipes.gan import GanRecipe

    return GanRecipe(data, seed, **values)


def play(recipe: "GanRecipe", plan: "TrainingPlan") -> "Meta":
    """Train by the game. Raises CatseyeError as it does."""
    from catseye.training.recipes.gan import fit_gan

    return fit_gan(recipe, plan)


GAN = RecipeRow(
    task="gan",
    summary="a generator of handwritten digits and its discriminator",
    epochs=30,
    optimizers=("sgd", "adamw"),  # with momentum, as in the paper
    takes_sets=False,
    takes_start=False,  # another's weights belong to another game
    one_loss=False,
    options=(
        Option("--discriminator-steps", "D steps for each of G (1)", Kind.COUNT, "K"),
        Option(
            "--saturating",
            "G descends log(1 - D(G(z))), the minimax game's own loss, instead of -log D(G(z))",
            Kind.SWITCH,
        ),
        Option("--maxout", "D of maxout units with N pieces each", Kind.COUNT, "N"),
    ),
    make=make,
    fit=play,
)
