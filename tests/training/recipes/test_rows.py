"""One row a task: a part that is missing is named, and what a row says of its recipe is so."""

import dataclasses
import inspect

import pytest

from catseye.models.autoencoder import AutoencoderConfig
from catseye.models.networks import NETWORKS
from catseye.runtime.errors import CatseyeError
from catseye.training.recipes import RECIPES
from catseye.training.recipes.autoencoder import AutoencoderRecipe
from catseye.training.recipes.denoise import DenoiseRecipe
from catseye.training.recipes.digits import DigitsRecipe
from catseye.training.recipes.gan import GanRecipe
from catseye.training.recipes.gan_game import RATES
from catseye.training.recipes.recipe import Recipe
from catseye.training.recipes.road import RoadRecipe
from catseye.training.recipes.rows.autoencoder import AUTOENCODER
from catseye.training.recipes.rows.digits import DIGITS
from catseye.training.recipes.rows.gan import GAN
from catseye.training.recipes.rows.road import ROAD
from catseye.training.recipes.rows.row import Option, RecipeRow
from catseye.training.recipes.rows.sparse import SPARSE
from catseye.training.recipes.sparse import SparseRecipe

MADE = [
    (AUTOENCODER, {}, AutoencoderRecipe),
    (DIGITS, {}, DigitsRecipe),
    (GAN, {}, GanRecipe),
    (ROAD, {}, RoadRecipe),
    (SPARSE, {}, SparseRecipe),
    (SPARSE, {"denoise": True}, DenoiseRecipe),
]
EACH = pytest.mark.parametrize(
    "row, values, made", MADE, ids=[made.__name__ for _, _, made in MADE]
)
MADE_WITH_IT = {"network"}
PARTS = sorted(
    part
    for part in {*Recipe.__annotations__, *vars(Recipe)} - MADE_WITH_IT
    if not part.startswith("_")
)


def test_every_network_has_a_recipe():
    assert set(RECIPES) == set(NETWORKS)


@pytest.mark.parametrize("part", [field.name for field in dataclasses.fields(RecipeRow)])
def test_a_row_that_lacks_a_part_fails_with_its_name(part):
    values = {field.name: getattr(DIGITS, field.name) for field in dataclasses.fields(DIGITS)}
    optional = {"begin", "check", "ends_unseen", "look"}
    del values[part]
    if part in optional:
        RecipeRow(**values)
    else:
        with pytest.raises(TypeError, match=part):
            RecipeRow(**values)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "row, values, made", MADE, ids=lambda given: getattr(given, "__name__", "")
)
def test_a_recipe_of_the_shared_loop_has_the_part(row, values, made, part):
    assert not row.one_loss or hasattr(made, part), f"{made.__name__} has no {part}"


@pytest.mark.parametrize(
    "row, values, made", MADE, ids=lambda given: getattr(given, "__name__", "")
)
def test_a_row_makes_its_recipe(row, values, made, monkeypatch):
    """With every option that it declares as an argument of that name, and no other."""
    given = {}
    monkeypatch.setattr(made, "__init__", lambda self, data, seed, **own: given.update(own))
    own = {option.field: "x" for option in row.options if option.field != "denoise"}
    assert type(row.make("demo", 5, {**own, **values})) is made and given == own
    monkeypatch.undo()
    fields = {field.name for field in dataclasses.fields(AutoencoderConfig)}
    parameters = set(inspect.signature(made).parameters)
    assert set(own) <= (parameters | fields if "config" in parameters else parameters)


@pytest.mark.parametrize(
    "row, values, made", MADE, ids=lambda given: getattr(given, "__name__", "")
)
def test_a_row_names_the_optimizers_that_its_recipe_has_rates_for(row, values, made):
    rates = made.learning_rates if row.one_loss else RATES
    assert set(rates) <= set(row.optimizers)
    assert values or set(rates) == set(row.optimizers)


def test_a_flag_is_a_field():
    assert Option("--hold-out", "").field == "hold_out"


def test_the_shared_loop_trains_what_has_one_loss(monkeypatch):
    monkeypatch.setattr("catseye.training.loop.fit", lambda *given: given)
    for row in RECIPES.values():
        assert not row.one_loss or row.fit("recipe", "plan") == ("recipe", "plan")


@pytest.mark.parametrize("values", [{"linear": True}, {"linear": True, "beta": 0.1}])
def test_linear_units_have_no_kl_term(values):
    AUTOENCODER.check({"linear": True, "beta": 0.0}, 0)
    with pytest.raises(CatseyeError, match="--beta 0"):
        AUTOENCODER.check(values, 0)


def test_what_is_trained_on_says_not_when_to_stop():
    assert ROAD.ends_unseen({"with_val": True})
    assert not ROAD.ends_unseen({"with_val": True, "hold_out": "0006R0"})
    ROAD.check({"with_val": True, "hold_out": "0006R0"}, 3)
    with pytest.raises(CatseyeError, match="--hold-out"):
        ROAD.check({"with_val": True}, 3)
