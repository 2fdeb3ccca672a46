"""The sparse recipe: a dictionary that gets better, targets that are minima, a coder that learns,
runs that resume."""

import pytest
import torch

from catseye.models.checkpoint import load_checkpoint
from catseye.models.lista import SparseCoder
from catseye.models.sparse_coding import duality_gap, energy, fista_to_gap
from catseye.runtime.datasets.bsds import read_photographs, sample_patches
from catseye.training import patches
from catseye.training.loop import fit
from catseye.training.plan import TrainingPlan
from catseye.training.recipes import sparse
from catseye.training.recipes.sparse import (
    SparseRecipe,
    fista_errors,
    learn_dictionary,
    matched_iterations,
)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(sparse, "DICTIONARY_STEPS", 25)
    monkeypatch.setattr(patches, "DEMO_VALIDATION_PATCHES", 300)


@pytest.fixture
def recipe() -> SparseRecipe:
    return SparseRecipe("demo", atoms=60, iterations=1, patches=1024, batch=128)


def test_the_dictionary_has_unit_columns_and_lowers_the_energy():
    x = torch.from_numpy(sample_patches(read_photographs("demo", "train"), 2000, 10, 0))
    learned = learn_dictionary(x, 60, 0.1, seed=3)
    start = x[torch.randperm(len(x), generator=torch.Generator().manual_seed(3))[:60]].T
    assert torch.allclose(learned.norm(dim=0), torch.ones(60))
    some = x[:300]
    before, after = (
        energy(some, d, fista_to_gap(some, d, 0.1, 1e-4), 0.1).mean() for d in (start, learned)
    )
    assert after < 0.97 * before


def test_targets_are_minima(recipe):
    for part in recipe.train, recipe.validation:
        assert duality_gap(part.x, recipe.network.dictionary, part.codes, 0.1).max() <= sparse.GAP


def test_loss_is_half_the_squared_distance_of_a_patch(recipe):
    x, codes = recipe.train.x[:4], recipe.train.codes[:4]
    expected = (
        sum(0.5 * ((z - recipe.network(p[None])[0]) ** 2).sum() for p, z in zip(x, codes)) / 4
    )
    assert torch.allclose(recipe.loss(recipe.network, (x, codes)), expected)


def test_training_makes_the_code_better(recipe, tmp_path):
    before = recipe.evaluate(recipe.network, torch.device("cpu"))
    meta = fit(recipe, TrainingPlan(tmp_path, epochs=8, device="cpu"))
    assert meta.metrics["code_mse"] < 0.6 * before["code_mse"]
    assert meta.metrics["matched_fista_iterations"] > before["matched_fista_iterations"]


def test_untrained_lista_matches_at_least_one_iteration(recipe):
    """It is T + 1 = 2 steps of ISTA, and FISTA's first step is ISTA's, its second nearly so."""
    assert recipe.evaluate(recipe.network, torch.device("cpu"))["matched_fista_iterations"] in (
        1,
        2,
    )


def test_matched_counts_the_iterations_that_are_not_better():
    errors = [0.5, 0.3, 0.2, 0.1, 0.15, 0.05]
    assert [matched_iterations(error, errors) for error in (0.6, 0.3, 0.12, 0.01)] == [0, 2, 3, 6]


def test_fista_errors_fall_to_nothing(recipe):
    errors = fista_errors(recipe.validation, recipe.network.dictionary, 0.1)
    assert len(errors) == sparse.MOST_COMPARED and errors[-1] < 1e-4 * errors[0]


def test_a_resumed_run_ends_like_an_unbroken_one(tmp_path):
    def run(folder, epochs_before_the_kill=None):
        recipe = SparseRecipe("demo", seed=5, atoms=40, iterations=2, patches=1024, batch=256)
        plan = TrainingPlan(
            tmp_path / folder, epochs=3, device="cpu", seed=5, resume=epochs_before_the_kill is None
        )
        if epochs_before_the_kill is not None:
            recipe.batches = _stopping(recipe.batches, epochs_before_the_kill)
        return fit(recipe, plan)

    with pytest.raises(KeyboardInterrupt):
        run("broken", epochs_before_the_kill=1)
    run("broken")
    recipe = SparseRecipe("demo", seed=5, atoms=40, iterations=2, patches=1024, batch=256)
    fit(recipe, TrainingPlan(tmp_path / "whole", epochs=3, device="cpu", seed=5))
    broken, whole = (
        load_checkpoint(tmp_path / name, "sparse").network for name in ("broken", "whole")
    )
    assert isinstance(whole, SparseCoder)
    assert broken.state_dict().keys() == whole.state_dict().keys()
    for name, value in whole.state_dict().items():
        assert torch.equal(broken.state_dict()[name], value), name


def _stopping(batches, epochs):
    """Batches that end the run in the middle of epoch number `epochs`."""

    def until_killed(epoch):
        for step, batch in enumerate(batches(epoch)):
            if epoch == epochs and step == 2:
                raise KeyboardInterrupt
            yield batch

    return until_killed
