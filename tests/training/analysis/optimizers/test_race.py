"""The study of optimizers: fair counts, and numbers that are what they say."""

import json

import numpy as np
import pytest
import torch

from catseye.__main__ import main
from catseye.runtime.datasets import camvid
from catseye.training.analysis.optimizers import race as optimizers
from catseye.training.analysis.optimizers import text
from catseye.training.analysis.optimizers.race import (
    CONTENDERS,
    STUDIES,
    evaluations_to_reach,
    rates_around_the_best,
)
from catseye.training.analysis.optimizers.scored_recipes import (
    CROP_WH,
    MEASURES,
    SCORED_FRAMES,
    PlainDigits,
    SmallRoad,
)
from catseye.training.optimizers.entropy_sgd import INNER_STEPS


@pytest.fixture
def short_text(monkeypatch, tmp_path):
    opening = tmp_path / "opening.txt"
    opening.write_text(text.TEXT.read_text(encoding="ascii")[:15_000])
    monkeypatch.setattr(text, "TEXT", opening)
    monkeypatch.setattr(text, "TRAIN_PIECES", 200)
    monkeypatch.setattr(
        optimizers, "rates_around_the_best", lambda loss, start: {start: loss(start)}
    )


def test_the_report_of_a_short_run(short_text, tmp_path, capsys):
    argv = ["analyze", "optimizers", "--study", "text", "--seeds", "2", "--epochs", "2", "--json"]
    assert main([*argv, "--figure", str(tmp_path / "picture.png")]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["gradients"] == [10, 20] and list(answer["contenders"]) == list(CONTENDERS)
    assert (tmp_path / "picture.png").stat().st_size > 10_000
    for name, found in answer["contenders"].items():
        assert found["rate"] == text.TextRecipe.learning_rates[CONTENDERS[name].optimizer]
        losses, spreads = found["mean"]["val_loss"], found["spread"]["val_loss"]
        assert losses[1] < losses[0] < np.log(80) and 0 < spreads[1] < 0.3
        gap = found["mean"]["val_loss"][1] - found["mean"]["train_loss"][1]
        assert found["gap"]["loss"]["mean"] == pytest.approx(gap)
    assert answer["contenders"]["SGD"]["to_reach_sgd"] == 20


@pytest.mark.parametrize("best,number", [(0.1, 3), (0.9, 5), (1e-3, 7), (0.0125, 5)])
def test_the_search_ends_with_the_best_rate_between_two_worse_ones(best, number):
    tried = rates_around_the_best(lambda rate: abs(np.log(rate / best)), 0.1)
    least = min(tried, key=tried.get)
    assert min(tried) < least < max(tried) and len(tried) == number
    assert best / np.sqrt(3) <= least <= best * np.sqrt(3)


def test_a_rate_that_diverges_is_infinitely_bad(monkeypatch):
    monkeypatch.setattr(text, "TRAIN_PIECES", 200)
    monkeypatch.setattr(
        text.TextRecipe, "loss", lambda self, network, batch: network(batch[0]).sum() * np.nan
    )
    rows = optimizers._scores_of_run(STUDIES["text"], "", 0, CONTENDERS["SGD"], 1.0, 2)
    assert rows.shape == (2, 4) and np.isinf(rows).all()


@pytest.mark.parametrize(
    "aim,expected", [(3.0, 10.0), (2.0, 10.0), (1.5, 15.0), (1.0, 20.0), (0.9, None)]
)
def test_a_loss_is_reached_between_two_evaluations(aim, expected):
    assert evaluations_to_reach(aim, [10, 20, 30], [2.0, 1.0, 1.2]) == expected


def test_every_contender_gets_as_many_gradients(data_dir):
    for recipe in (PlainDigits(str(data_dir), 0), text.TextRecipe("", 0)):
        assert (
            recipe.steps_per_epoch() == len(list(recipe.batches(0)))
            and recipe.steps_per_epoch() % INNER_STEPS == 0
        )
    assert STUDIES["digits"].recipe is PlainDigits


def test_digits_are_scored_by_pictures_as_they_are(data_dir):
    recipe = PlainDigits(str(data_dir), 0)
    images, labels = (torch.cat(parts) for parts in zip(*recipe.samples["train"]))
    assert (
        images.shape == (3200, 1, 32, 32)
        and sum(len(held_out) for _, held_out in recipe.samples["val"]) == 5000
    )
    batch, _ = next(recipe.batches(0))
    assert any(torch.equal(batch[0], image) for image in images)
    row = recipe.evaluate(recipe.network.eval(), torch.device("cpu"))
    assert recipe.scores == ({measure: row[measure] for measure in recipe.scores[0]},)
    assert set(recipe.scores[0]) == set(MEASURES) and 0.7 < row["val_error"] < 1
    right = (recipe.network(images).argmax(1) == labels).float().mean()
    assert row["train_error"] == pytest.approx(1 - float(right))


def test_road_frames_are_scored_at_half_their_size(monkeypatch):
    monkeypatch.setattr(camvid, "DEMO_FRAMES", {"train": (1000, 5), "val": (0, 3)})
    recipe = SmallRoad("demo", 0)
    assert all(
        len(batches) * len(batches[0][1]) == SCORED_FRAMES for batches in recipe.samples.values()
    )
    images, masks = next(recipe.batches(0))
    assert (
        images.shape[2:]
        == recipe.samples["val"][0][0].shape[2:]
        == masks.shape[1:]
        == CROP_WH[::-1]
    )
    assert 0 < recipe.error(recipe.network.eval(), recipe.samples["val"][0]) <= 1


def test_the_text_that_is_held_out_is_another():
    recipe = text.TextRecipe("", 0)
    characters, following = recipe.samples["train"][0]
    assert torch.equal(characters[:, 1:], following[:, :-1])
    assert len(recipe.held_out) > 300 and not any(
        (recipe.train == piece).all(1).any() for piece in recipe.held_out
    )
    assert text.TEXT.stat().st_size < 200_000
