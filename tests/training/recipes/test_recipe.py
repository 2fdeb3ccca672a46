"""Every recipe of the shared loop has all parts that the loop asks for."""

import pytest

from catseye.training.recipes.autoencoder import AutoencoderRecipe
from catseye.training.recipes.denoise import DenoiseRecipe
from catseye.training.recipes.digits import DigitsRecipe
from catseye.training.recipes.recipe import Recipe
from catseye.training.recipes.road import RoadRecipe
from catseye.training.recipes.sparse import SparseRecipe

CLASSES = [AutoencoderRecipe, DenoiseRecipe, DigitsRecipe, RoadRecipe, SparseRecipe]
MADE_WITH_IT = {"network"}
PARTS = {*Recipe.__annotations__, *vars(Recipe)} - MADE_WITH_IT


@pytest.mark.parametrize("part", sorted(part for part in PARTS if not part.startswith("_")))
@pytest.mark.parametrize("recipe", CLASSES, ids=lambda recipe: recipe.__name__)
def test_a_recipe_has_the_part(recipe, part):
    assert hasattr(recipe, part), f"{recipe.__name__} has no {part}"
