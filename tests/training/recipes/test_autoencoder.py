"""The autoencoder's recipe: the running penalty against the exact one, units that fall silent,
frames that it knows."""

import copy

import numpy as np
import pytest
import torch

from catseye.models.autoencoder import kl_divergence, kl_slope, sparse_objective
from catseye.models.checkpoint import load_checkpoint
from catseye.runtime.health.out_of_distribution import distance, profile_of
from catseye.training import patches
from catseye.training.loop import fit
from catseye.training.plan import TrainingPlan
from catseye.training.recipes import autoencoder
from catseye.training.recipes import known_frames as known
from catseye.training.recipes.autoencoder import AutoencoderRecipe, running_penalty
from catseye.training.recipes.known_frames import Frames, frame_answer, known_frames

FRAMES = 8  # that are known


@pytest.fixture(autouse=True, scope="module")
def small():
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(patches, "DEMO_VALIDATION_PATCHES", 300)
        changed.setattr(known, "FRAMES", FRAMES)
        yield


@pytest.fixture(scope="module")
def streets() -> Frames:
    return known_frames("demo")


@pytest.fixture(scope="module")
def made(streets) -> AutoencoderRecipe:
    return AutoencoderRecipe("demo", patches=2048, known=streets, units=40)


def test_the_penalty_of_batches_averages_to_the_exact_gradient(made, monkeypatch):
    """With the estimate held at the exact rho_hat, the batches of an epoch have the training set's
    gradient."""
    network, x = copy.deepcopy(made.network).double(), made.train.double()
    sparse_objective(network, x).backward()
    exact = {name: parameter.grad.clone() for name, parameter in network.named_parameters()}
    network.zero_grad()
    monkeypatch.setattr(autoencoder, "MEMORY", 1.0)
    with torch.no_grad():
        network.rho_hat.copy_(network.activations(x).mean(0))
    for batch in x.split(256):
        (made.loss(network, (batch,)) / 8).backward()
    for name, parameter in network.named_parameters():
        assert torch.allclose(parameter.grad, exact[name], atol=1e-12), name


def test_the_running_estimate_comes_to_the_exact_one(made):
    network, a = made.network, made.network.activations(made.train).detach()
    with torch.no_grad():
        network.rho_hat.fill_(0.9)
    for _ in range(90):
        for batch in a.split(256):
            running_penalty(network, batch)
    # what a hundred batches of 256 still scatter
    assert (network.rho_hat - a.mean(0)).abs().max() < 5e-3


def test_the_penalty_has_the_divergences_value_and_slope(made):
    network = made.network
    a = torch.full((4, 40), 0.3, requires_grad=True)
    with torch.no_grad():
        network.rho_hat.fill_(0.3)
    penalty = running_penalty(network, a)
    penalty.backward()
    rho = network.config.rho
    assert penalty.item() == pytest.approx(
        40 * float(kl_divergence(rho, torch.tensor(0.3))), rel=1e-4
    )
    assert torch.allclose(a.grad, kl_slope(rho, torch.tensor(0.3)).expand(4, 40) / 4, rtol=1e-4)


def test_the_metric_is_the_objective(made):
    """Where train and val are the same patches."""
    recipe = copy.copy(made)
    recipe.validation = recipe.train
    metrics = recipe.evaluate(recipe.network, torch.device("cpu"))
    with torch.no_grad():
        expected = -float(sparse_objective(recipe.network, recipe.train))
    assert metrics["minus_j_sparse"] == pytest.approx(expected, rel=1e-5)


def test_training_makes_units_silent_and_patches_come_back(tmp_path, streets):
    recipe = AutoencoderRecipe("demo", patches=4096, known=streets, units=20)
    with torch.no_grad():
        recipe.network.encode.bias.zero_()  # as busy as can be
    before = recipe.evaluate(recipe.network, torch.device("cpu"))
    meta = fit(recipe, TrainingPlan(tmp_path, epochs=12, device="cpu", evaluations=1))
    after = meta.metrics
    assert before["rho_hat"] > 0.4 and after["rho_hat"] < 0.6 * before["rho_hat"]
    assert (
        after["explained"] > max(0.3, before["explained"])
        and after["minus_j_sparse"] > before["minus_j_sparse"]
    )
    network = load_checkpoint(tmp_path, "autoencoder").network
    (known_set,) = network.known()
    frames = streets[known_set.name]
    distances = [
        distance(profile_of(*frame_answer(network, frame)), [known_set]) for frame in frames
    ]
    assert max(distances) < 1
    noise = np.random.RandomState(0).randint(0, 255, frames[0].shape).astype(np.uint8)
    assert distance(profile_of(*frame_answer(network, noise)), [known_set]) > max(1, *distances)


def test_photographs_are_known_where_there_is_no_road_data(data_dir, tmp_path):
    (tmp_path / "bsds").symlink_to(data_dir / "bsds")
    frames = known_frames(str(tmp_path))
    assert list(frames) == ["photographs"] and len(frames["photographs"]) == FRAMES
