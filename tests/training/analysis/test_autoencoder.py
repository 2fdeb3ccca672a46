"""Bottleneck against PCA: the closed forms, and a linear autoencoder that finds PCA's subspace."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from catseye.training.analysis.autoencoder import (
    BOTTLENECKS,
    WIDTH,
    AutoencoderStudy,
    Trained,
    angles,
    as_json,
    on_random_input,
    pca_error,
    random_patches,
    report,
    trained,
)
from catseye.training.recipes.autoencoder import AutoencoderRecipe


@pytest.fixture(scope="module")
def recipe():
    return AutoencoderRecipe("demo", patches=6000, known={})


def test_pca_is_scikit_learns(recipe):
    theirs = PCA(WIDTH, svd_solver="full").fit(recipe.train.numpy())
    x = recipe.validation.numpy()
    expected = ((theirs.inverse_transform(theirs.transform(x)) - x) ** 2).sum(1).mean()
    assert pca_error(recipe.train, recipe.validation, WIDTH) == pytest.approx(expected, rel=1e-4)


def test_angles_between_known_planes():
    turn = np.deg2rad(30)
    one = torch.eye(4)[:, :2]
    plane = torch.tensor(
        [[1.0, 0, 0, 0], [0, np.cos(turn), np.sin(turn), 0]], dtype=torch.float64
    ).T
    other = plane @ torch.tensor([[1.0, 2], [0, 3]], dtype=torch.float64)
    assert angles(one, other) == pytest.approx([30, 0], abs=1e-4)


def test_random_patches_have_no_subspace_to_find(recipe):
    random = on_random_input(recipe)
    assert random.train.shape == recipe.train.shape and recipe.train is not random.train
    assert (
        torch.allclose(random.train.norm(dim=1), torch.ones(6000))
        and random.train.mean(1).abs().max() < 1e-6
    )
    assert pca_error(random.train, random.validation, WIDTH) > 0.4
    assert pca_error(recipe.train, recipe.validation, WIDTH) < 0.2
    assert not torch.equal(random_patches(10, 10, 1), random_patches(10, 10, 2))


def test_a_linear_bottleneck_comes_near_pca(recipe):
    one = trained(recipe, BOTTLENECKS["linear"], epochs=25)
    best = pca_error(recipe.train, recipe.validation, WIDTH)
    assert one.error < 1.1 * best
    assert np.median(one.degrees) < 15 and one.rho_hat.shape == (WIDTH,)


def test_the_report_is_over_the_seeds_by_input_network_and_number():
    some = [
        Trained(error, np.array([0.1, 0.3]), np.array([40.0, 10.0, 0.0])) for error in (0.2, 0.4)
    ]
    study = AutoencoderStudy(
        pca={"photographs": [0.1, 0.3]},
        bottlenecks={"photographs": {"linear": some}},
        sparse={"sparse, 100 units": some},
    )
    document = as_json(report(study))
    assert document["photographs"]["pca_50"]["error"]["mean"] == pytest.approx(0.2)
    linear = document["photographs"]["linear"]
    assert linear["error"] == {"mean": pytest.approx(0.3), "spread": pytest.approx(0.1)}
    assert linear["degrees_median"]["mean"] == 10 and linear["degrees_largest"]["mean"] == 40
    sparse = document["sparse"]["sparse, 100 units"]
    assert set(sparse) == {"error", "rho_hat"} and sparse["rho_hat"]["mean"] == pytest.approx(0.2)
