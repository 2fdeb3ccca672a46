"""The recipe and its loop: digits come nearer, runs resume to the bit, collapse and misuse are
said."""

import pytest
import torch

from catseye.models.checkpoint import load_checkpoint
from catseye.models.gan import noise
from catseye.runtime.errors import CatseyeError
from catseye.training.plan import TrainingPlan
from catseye.training.recipes import gan
from catseye.training.recipes.gan import GanRecipe, fit_gan, sheet
from catseye.training.recipes.gan_game import Game


@pytest.fixture(autouse=True)
def few_judged(monkeypatch):
    monkeypatch.setattr(gan, "SAMPLES", 300)


def of_ten_batches(**how):
    """A recipe whose epochs are short."""
    recipe = GanRecipe("demo", **how)
    recipe.images = recipe.images[: 10 * recipe.batch]
    return recipe


def test_training_brings_samples_nearer_to_the_data(tmp_path, capsys):
    recipe = GanRecipe("demo")
    before, words = recipe.measure(recipe.gan.eval()(noise(300, 64)))
    assert words.startswith("collapse")  # a newborn G makes one and the same grey
    meta = fit_gan(recipe, TrainingPlan(tmp_path, epochs=6, optimizer="adamw", device="cpu"))
    assert meta.metrics["frechet_lenet"] < 0.8 * before["frechet_lenet"]
    said = capsys.readouterr().err
    assert "D right on" in said and "epoch 1: collapse" in said


def test_the_best_checkpoint_is_kept(tmp_path, monkeypatch):
    distances = iter([5.0, 3.0, 4.0])
    monkeypatch.setattr(
        GanRecipe, "measure", lambda *_: ({"frechet_lenet": next(distances), "classes": 1.0}, "")
    )
    meta = fit_gan(
        of_ten_batches(), TrainingPlan(tmp_path, epochs=3, optimizer="sgd", device="cpu")
    )
    assert (meta.epoch, meta.metrics["frechet_lenet"]) == (2, 3.0)
    assert load_checkpoint(tmp_path, "gan").meta.text() == meta.text()


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_a_resumed_run_ends_like_an_unbroken_one(tmp_path, optimizer, monkeypatch):
    def run(folder, resume=False):
        recipe = of_ten_batches(seed=5, discriminator_steps=2, maxout=2)
        return fit_gan(
            recipe, TrainingPlan(tmp_path / folder, 2, optimizer, "cpu", seed=5, resume=resume)
        )

    run("whole")
    with monkeypatch.context() as patched:
        patched.setattr(Game, "iterate", _killed_at(15))  # in the middle of the second epoch
        with pytest.raises(KeyboardInterrupt):
            run("broken")
    run("broken", resume=True)
    broken, whole = (torch.load(tmp_path / name / "progress.pt") for name in ("broken", "whole"))
    assert broken["epoch"] == whole["epoch"] == 2 and broken["best_meta"] == whole["best_meta"]
    for name, weight in whole["gan"].items():
        assert torch.equal(broken["gan"][name], weight), name


def test_a_run_is_resumed_under_the_same_terms_only(tmp_path):
    fit_gan(of_ten_batches(), TrainingPlan(tmp_path, epochs=1, optimizer="sgd", device="cpu"))
    with pytest.raises(CatseyeError, match="same terms"):
        fit_gan(
            of_ten_batches(saturating=True), TrainingPlan(tmp_path, 1, "sgd", "cpu", resume=True)
        )


@pytest.mark.parametrize("plan", [{"accumulate": 2}, {"patience": 3}, {"optimizer": "entropy-sgd"}])
def test_what_the_loop_does_not_do_is_refused(tmp_path, plan):
    with pytest.raises(CatseyeError, match="with gan"):
        fit_gan(GanRecipe("demo"), TrainingPlan(tmp_path, epochs=1, **{"optimizer": "sgd", **plan}))


def test_a_diverged_game_is_said(tmp_path):
    recipe = GanRecipe("demo")
    recipe.images[:] = float("nan")
    with pytest.raises(CatseyeError, match="diverged in epoch 1"):
        fit_gan(recipe, TrainingPlan(tmp_path, epochs=1, optimizer="sgd", device="cpu"))


def test_a_sheet_has_its_pictures_row_by_row():
    pictures = torch.arange(16).reshape(16, 1, 1).expand(16, 2, 2) / 255
    assert sheet(pictures)[::2, ::2, 0].tolist() == [list(range(8)), list(range(8, 16))]


def _killed_at(iteration):
    whole, seen = Game.iterate, []

    def until_killed(self, examples):
        seen.append(None)
        if len(seen) == iteration:
            raise KeyboardInterrupt
        return whole(self, examples)

    return until_killed
