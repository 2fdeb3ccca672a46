"""The digits recipe on the demo digits: it learns, it repeats, and a killed run ends where an
unbroken one does."""

import math
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch.nn.functional import one_hot

from catseye.models.checkpoint import load_checkpoint
from catseye.runtime.datasets.mnist import read_digits
from catseye.training.loop import fit
from catseye.training.plan import TrainingPlan
from catseye.training.recipes import digits
from catseye.training.recipes.digits import (
    DigitsRecipe,
    accuracy,
    distorted,
    network_input_from_digits,
)

RUN_AND_DIE = """
import os, signal, sys
from pathlib import Path
import torch
from catseye.training.recipes.digits import DigitsRecipe
from catseye.training.loop import fit
from catseye.training.plan import TrainingPlan

class Killed(DigitsRecipe):
    def batches(self, epoch):
        for step, batch in enumerate(super().batches(epoch)):
            if (epoch, step) == (2, 2):
                os.kill(os.getpid(), signal.SIGKILL)
            yield batch

torch.set_num_threads(1)
fit(Killed("demo", 5), TrainingPlan(Path(sys.argv[1]), 4, seed=5, device="cpu"))
"""


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def test_a_short_run_learns_the_demo_digits(tmp_path: Path):
    meta = fit(DigitsRecipe("demo", 0), TrainingPlan(tmp_path, 8, device="cpu", evaluations=1))
    assert meta.metrics["accuracy"] > 0.9 and meta.metrics["n"] == 300
    checkpoint = load_checkpoint(tmp_path, "digits")
    test = read_digits("demo", "test")
    images, labels = torch.from_numpy(test.images), torch.from_numpy(test.labels).long()
    assert accuracy(checkpoint.network, images, labels, torch.device("cpu")) > 0.88
    assert checkpoint.network.config.dropout == 0.5


def test_a_run_is_chosen_by_digits_that_are_moved_and_bent_alike_every_time():
    recipe, again = DigitsRecipe("demo", 0), DigitsRecipe("demo", 1)
    images, labels = recipe.moved_validation
    assert images.shape == (digits.MOVED * 300, 32, 32) and images.dtype == torch.uint8
    assert torch.equal(images, again.moved_validation[0])
    assert labels.reshape(digits.MOVED, 300).eq(recipe.validation[1]).all()
    apart = (images.reshape(digits.MOVED, 300, 32, 32).int() - recipe.validation[0].int()).abs()
    assert 5 < apart.float().mean() < 40
    found = recipe.evaluate(recipe.network.eval(), torch.device("cpu"))
    assert recipe.metric in found and found[recipe.metric] != found["accuracy"]


def test_a_killed_run_resumes_to_the_same_weights(tmp_path: Path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    fit(DigitsRecipe("demo", 5), TrainingPlan(whole, 4, seed=5, device="cpu"))
    root = Path(digits.__file__).parents[2]
    killed = subprocess.run(
        [sys.executable, "-c", RUN_AND_DIE, str(broken)], cwd=root, capture_output=True
    )
    assert killed.returncode == -9, killed.stderr.decode()
    fit(DigitsRecipe("demo", 5), TrainingPlan(broken, 4, seed=5, device="cpu", resume=True))
    expected, found = (load_checkpoint(folder).network.state_dict() for folder in (whole, broken))
    for name, weights in expected.items():
        assert torch.equal(found[name], weights), name


def test_an_epoch_follows_from_seed_and_epoch():
    recipe = DigitsRecipe("demo", 7)
    first, again, next_epoch = (list(recipe.batches(epoch)) for epoch in (3, 3, 4))
    assert len(first) == recipe.steps_per_epoch() == 1197 // digits.DEMO_BATCH
    assert all(torch.equal(a, b) for one, other in zip(first, again) for a, b in zip(one, other))
    assert not torch.equal(first[0][0], next_epoch[0][0])
    assert not torch.equal(first[0][0], next(DigitsRecipe("demo", 8).batches(3))[0])


def test_distortions_calm_down_in_the_last_part_of_a_run():
    recipe = DigitsRecipe("demo", 0)
    moved = []
    for share in (0.0, digits.CALMING, 0.5 * (1 + digits.CALMING), 1.0):
        recipe.anneal(share)
        images, labels = next(recipe.batches(0))
        order = torch.randperm(len(recipe.labels), generator=torch.Generator().manual_seed(0))
        chosen, images = order[: len(labels)], images[: len(labels)]
        assert torch.equal(recipe.labels[chosen], labels)
        plain = network_input_from_digits(recipe.images[chosen])
        moved.append(float((images - plain).abs().mean()))
    assert moved[0] == moved[1] > moved[2] > moved[3] > 0
    assert recipe.strength == pytest.approx(digits.CALM)


def test_a_run_is_without_dropout():
    recipe = DigitsRecipe("demo", 0)
    recipe.anneal(0.0)
    images, _ = next(recipe.batches(0))
    recipe.network.train()
    assert torch.equal(recipe.network(images), recipe.network(images))


def test_a_batch_ends_with_pictures_of_no_digit_of_which_to_be_unsure():
    recipe = DigitsRecipe("demo", 0)
    images, labels = next(recipe.batches(0))
    number, strange = len(labels), len(images) - len(labels)
    assert strange == 2 * (digits.DEMO_BATCH // digits.STRANGE)

    def loss(of_strange: torch.Tensor) -> float:
        logits = torch.cat((one_hot(labels, 10) * 50.0, of_strange))
        return float(recipe.loss(lambda _: logits, (images, labels)))

    unsure, sure = torch.zeros(strange, 10), torch.eye(10)[[3] * strange] * 9
    assert loss(unsure) == pytest.approx(math.log(10) * strange / number, rel=1e-4)
    assert loss(sure) > loss(unsure)


def test_distortion_without_strength_changes_nothing():
    images = network_input_from_digits(torch.from_numpy(read_digits("demo", "val").images[:8]))
    same = distorted(images, torch.Generator().manual_seed(0), 0.0)
    assert torch.allclose(same, images, atol=1e-4)


@pytest.mark.parametrize("strength", ["SHIFT", "TURN", "GROWTH", "SLANT", "BEND", "STROKE"])
def test_every_distortion_moves_ink_and_keeps_the_digit(
    monkeypatch: pytest.MonkeyPatch, strength: str
):
    for other in {"SHIFT", "TURN", "GROWTH", "SLANT", "BEND", "STROKE"} - {strength}:
        monkeypatch.setattr(digits, other, 0.0)
    images = network_input_from_digits(torch.from_numpy(read_digits("demo", "val").images))
    moved = distorted(images, torch.Generator().manual_seed(0))
    assert moved.min() >= 0 and moved.max() <= 1.0001
    assert (moved - images).abs().mean() > 0.003
    assert 0.8 < moved.sum() / images.sum() < 1.25


def test_a_shift_is_of_at_most_the_stated_pixels(monkeypatch: pytest.MonkeyPatch):
    for other in ("TURN", "GROWTH", "SLANT", "BEND", "STROKE"):
        monkeypatch.setattr(digits, other, 0.0)
    point = torch.zeros(64, 1, 32, 32)
    point[:, :, 16, 16] = 1
    moved = distorted(point, torch.Generator().manual_seed(0))
    columns = (moved.sum((1, 2)) * torch.arange(32)).sum(1)
    assert (columns - 16).abs().max() <= digits.SHIFT * 16 + 1e-3
    assert (columns - 16).abs().max() > digits.SHIFT * 8
