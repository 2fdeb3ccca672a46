"""The denoising recipe: the forward pass against patches taken one by one, and a coder that gets
better."""

import numpy as np
import pytest
import torch

from catseye.__main__ import main
from catseye.models.checkpoint import load_checkpoint
from catseye.models.lista import SparseCoder, SparseConfig
from catseye.runtime.datasets.bsds import read_photographs, sample_patches
from catseye.training.loop import fit
from catseye.training.plan import TrainingPlan
from catseye.training.recipes import denoise, sparse
from catseye.training.recipes.denoise import DenoiseRecipe, crops_of, noisy_grey, rebuilt_pictures


@pytest.fixture
def recipe(monkeypatch) -> DenoiseRecipe:
    monkeypatch.setattr(sparse, "DICTIONARY_STEPS", 20)
    monkeypatch.setattr(denoise, "DICTIONARY_PATCHES", 2000)
    monkeypatch.setattr(denoise, "STEPS", 15)
    return DenoiseRecipe("demo", atoms=60, iterations=1)


def test_pictures_are_rebuilt_as_patch_by_patch():
    dictionary = torch.from_numpy(sample_patches(read_photographs("demo", "train"), 30, 10, 1)).T
    network = SparseCoder(
        SparseConfig(atoms=30, iterations=2, alpha=1.5, stride=3, scale="noise"), dictionary
    )
    picture = read_photographs("demo", "val")[0].image[100:125, 60:79].astype(np.float32)
    total, overlaps = np.zeros_like(picture), np.zeros_like(picture)
    for y in range(0, 16, 3):
        for x in range(0, 10, 3):
            patch = picture[y : y + 10, x : x + 10].reshape(1, 100)
            with torch.no_grad():
                code = network(torch.from_numpy((patch - patch.mean()) / 12))
            total[y : y + 10, x : x + 10] += (
                12 * network.rebuild(code).detach().numpy().reshape(10, 10) + patch.mean()
            )
            overlaps[y : y + 10, x : x + 10] += 1
    with torch.no_grad():
        rebuilt = rebuilt_pictures(network, torch.from_numpy(picture)[None], torch.tensor([12.0]))[
            0
        ].numpy()
    assert abs(rebuilt - total / overlaps).max() < 1e-3


def test_crops_are_the_same_place_noisy_and_clean():
    photograph = read_photographs("demo", "train")[0].image
    picture = (80 + 0.35 * photograph).astype(np.uint8)  # far from where bytes are clipped
    noisy, clean, noise = crops_of(picture, np.random.default_rng(3))
    assert noisy.shape == clean.shape == (
        denoise.CROPS,
        denoise.SIDE,
        denoise.SIDE,
    ) and noise.shape == (denoise.CROPS,)
    assert 3 < noise[0] < 65 and np.unique(noise).size == 1
    assert (noisy - clean).std() == pytest.approx(noise[0], rel=0.25)


def test_noise_is_of_the_sigma_that_was_asked_for():
    plane = np.full((200, 200), 128, np.uint8)
    noisy = noisy_grey(plane, 20, np.random.default_rng(0))
    assert noisy.dtype == np.uint8 and noisy.astype(float).std() == pytest.approx(20, rel=0.03)


def test_training_denoises_better_and_moves_the_dictionary(recipe, tmp_path):
    before, dictionary = (
        recipe.evaluate(recipe.network, torch.device("cpu")),
        recipe.network.dictionary.clone(),
    )
    meta = fit(recipe, TrainingPlan(tmp_path, epochs=2, device="cpu"))
    assert meta.metrics["psnr"] > before["psnr"] + 0.1
    assert {"psnr_15", "psnr_25", "psnr_50"} < set(meta.metrics)
    assert not torch.equal(recipe.network.dictionary, dictionary)
    assert meta.config["scale"] == "noise"


def test_the_command_takes_an_optimizer_that_the_recipe_has_a_rate_for(recipe, tmp_path):
    out = tmp_path / "denoise"
    words = ["train", "sparse", "--data", "demo", "--denoise", "--epochs", "1", "--out", str(out)]
    assert main([*words, "--thresholds", "each"]) == 0
    meta = load_checkpoint(out, "sparse").meta
    assert meta.optimizer == "adamw" and meta.config["thresholds"] == "each"
