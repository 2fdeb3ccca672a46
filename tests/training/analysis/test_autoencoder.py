"""Bottleneck against PCA: the closed forms, and a linear autoencoder that finds PCA's subspace."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from catseye.training.analysis.autoencoder import (
    BOTTLENECKS,
    WIDTH,
    angles,
    on_random_input,
    pca_error,
    random_patches,
    trained,
)
from catseye.training.autoencoder import AutoencoderRecipe


@pytest.fixture(scope="module")
def recipe():
    return AutoencoderRecipe("demo", patches=6000)


def test_pca_is_scikit_learns(recipe):
    theirs = PCA(WIDTH, svd_solver="full").fit(recipe.train.numpy())
    x = recipe.validation.numpy()
    expected = ((theirs.inverse_transform(theirs.transform(x)) - x) ** 2).sum(1).mean()
    assert pca_error(recipe.train, recipe.validation, WIDTH) == pytest.approx(expected, rel=1e-4)


def test_angles_between_known_planes():
    cos, sin = float(np.cos(np.pi / 6)), 0.5
    one = torch.eye(4)[:, :2]
    other = torch.tensor([[1.0, 0, 0, 0], [0, cos, sin, 0]]).T @ torch.tensor([[1.0, 2], [0, 3]])
    assert angles(one, other) == pytest.approx([30, 0], abs=1e-4)


def test_random_patches_have_no_subspace_to_find(recipe):
    random = on_random_input(recipe)
    assert random.train.shape == recipe.train.shape and recipe.train is not random.train
    assert torch.allclose(random.train.norm(dim=1), torch.ones(6000)) and random.train.mean(1).abs().max() < 1e-6
    assert pca_error(random.train, random.validation, WIDTH) > 0.4
    assert pca_error(recipe.train, recipe.validation, WIDTH) < 0.2
    assert not torch.equal(random_patches(10, 10, 1), random_patches(10, 10, 2))


def test_a_linear_bottleneck_comes_near_pca(recipe):
    one = trained(recipe, BOTTLENECKS["linear"], epochs=25)
    best = pca_error(recipe.train, recipe.validation, WIDTH)
    assert 0.98 * best < one.error < 1.25 * best  # PCA is the best on the patches it was fitted to, not on these
    assert np.median(one.degrees) < 15 and one.rho_hat.shape == (WIDTH,)
