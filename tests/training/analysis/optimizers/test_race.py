"""The study of optimizers: fair counts, and numbers that are what they say."""

import json

import numpy as np
import pytest
import torch

from catseye.__main__ import main
from catseye.runtime.datasets import camvid
from catseye.training.analysis.optimizers import race as optimizers
from catseye.training.analysis.optimizers import text
from catseye.training.analysis.optimizers.contenders import CONTENDERS, Contender
from catseye.training.analysis.optimizers.race import (
    RATES,
    STUDIES,
    TUNING_SEED,
    evaluations_to_reach,
    scores_of_run,
    searched,
)
from catseye.training.analysis.optimizers.scored_recipes import (
    CROP_WH,
    MEASURES,
    SCORED_FRAMES,
    PlainDigits,
    SmallRoad,
)


@pytest.fixture
def short_text(monkeypatch, tmp_path):
    """Ten batches of a short text to an epoch, two evaluations of a run, and few settings."""
    opening = tmp_path / "opening.txt"
    opening.write_text(text.TEXT.read_text(encoding="ascii")[:15_000])
    monkeypatch.setattr(text, "TEXT", opening)
    monkeypatch.setattr(text, "TRAIN_PIECES", 200)
    short = STUDIES["text"]._replace(gradients=40, every=20)
    monkeypatch.setattr(optimizers, "STUDIES", {"text": short})
    monkeypatch.setattr(optimizers, "RATES", 3)
    few = {name: each._replace(changes=each.changes[:1]) for name, each in CONTENDERS.items()}
    monkeypatch.setattr(optimizers, "CONTENDERS", few)


def test_the_report_of_a_short_race(short_text, monkeypatch, tmp_path, capsys):
    runs = str(tmp_path / "runs.jsonl")
    argv = ["analyze", "optimizers", "--study", "text", "--seeds", "2", "--json", "--runs", runs]
    assert main([*argv, "--figure", str(tmp_path / "picture.png")]) == 0
    told = capsys.readouterr().out
    answer = json.loads(told)
    assert answer["gradients"] == [20, 40] and answer["contenders"].keys() == set(CONTENDERS)
    assert (tmp_path / "picture.png").stat().st_size > 10_000
    kept = [json.loads(line) for line in open(runs)]
    for name, found in answer["contenders"].items():
        losses = [each["loss"] for each in found["tried"]]
        assert len(losses) == 4
        assert found["tried"][np.argmin(losses)]["setting"] == found["setting"]
        rows = np.array(
            [
                line["rows"]
                for line in kept
                if line["run"]["setting"] == found["setting"]
                and line["run"]["optimizer"] == CONTENDERS[name].optimizer
                and line["run"]["seed"] != TUNING_SEED
            ]
        )
        assert rows.shape == (2, 2, 4)
        losses = rows[:, :, MEASURES.index("val_loss")]
        assert found["mean"]["val_loss"] == pytest.approx(losses.mean(0))
        assert found["spread"]["val_loss"] == pytest.approx(losses.std(0, ddof=1))
        assert found["best"]["val_loss"]["mean"] == pytest.approx(losses.min(1).mean())
        assert found["end"]["val_loss"]["std"] == pytest.approx(losses[:, -1].std(ddof=1))
        gap = found["mean"]["val_loss"][1] - found["mean"]["train_loss"][1]
        assert found["gap"]["mean"] == pytest.approx(gap)
    sgd = answer["contenders"]["SGD"]
    assert sgd["to_reach_sgd"] == [20, 40][np.argmin(sgd["mean"]["val_loss"])]

    def not_again(*_):
        raise AssertionError("this run is kept")

    monkeypatch.setattr(optimizers, "scores_of_run", not_again)
    assert main(argv) == 0 and capsys.readouterr().out == told


@pytest.mark.parametrize(
    "best,reached", [(0.1, 0.1), (0.045, 0.05), (0.9, 0.4), (1e-3, 0.025), (0.21, 0.2)]
)
def test_the_search_goes_downhill_and_keeps_the_changes_that_are_better(best, reached):
    contender = Contender("sgd", {"friction": 0.9}, ({"friction": 0.5}, {"rate": 2.0}))

    def loss(setting):
        return abs(np.log(setting["rate"] / best)) + setting["friction"]

    tried = searched(loss, contender, 0.1)
    assert len(tried) == RATES + len(contender.changes)
    assert {each.setting["friction"] for each in tried[:RATES]} == {0.9}
    rates = sorted(each.setting["rate"] for each in tried[:RATES])
    assert np.diff(np.log2(rates)) == pytest.approx(1)
    assert tried[RATES].setting == {"rate": pytest.approx(reached), "friction": 0.5}
    assert tried[RATES + 1].setting == {"rate": pytest.approx(2 * reached), "friction": 0.5}


@pytest.mark.parametrize("name", CONTENDERS)
def test_every_contender_takes_as_many_gradients_of_the_same_batches(name, monkeypatch):
    monkeypatch.setattr(text, "TRAIN_PIECES", 200)
    recipe, seen = text.TextRecipe("", 3), []
    loss = recipe.loss
    recipe.loss = lambda network, batch: seen.append(batch[0]) or loss(network, batch)
    recipe.samples = {"train": [], "val": []}
    recipe.evaluate = lambda network, device: setattr(
        recipe, "scores", (*recipe.scores, dict.fromkeys(MEASURES, float(len(seen))))
    )
    contender = CONTENDERS[name]
    setting = contender.setting | {"rate": recipe.learning_rates[contender.optimizer]}
    rows = scores_of_run(recipe, contender.optimizer, setting, 40, 20, 3)
    assert rows[:, 0].tolist() == [20, 40]
    there = [batch[0] for epoch in range(4) for batch in recipe.batches(epoch)]
    assert all(torch.equal(mine, known) for mine, known in zip(seen, there, strict=True))


def test_every_study_is_evaluated_after_whole_steps():
    for study in STUDIES.values():
        assert study.gradients % study.every == 0
        for contender in CONTENDERS.values():
            assert study.every % contender.setting.get("inner_steps", 1) == 0
    assert STUDIES["digits"].recipe is PlainDigits


def test_a_rate_that_diverges_is_infinitely_bad(monkeypatch):
    monkeypatch.setattr(text, "TRAIN_PIECES", 200)
    recipe = text.TextRecipe("", 0)
    monkeypatch.setattr(
        text.TextRecipe, "loss", lambda self, network, batch: network(batch[0]).sum() * np.nan
    )
    rows = scores_of_run(recipe, "sgd", {"rate": 1.0, "momentum": 0.9}, 20, 10, 0)
    assert rows.shape == (2, 4) and np.isinf(rows).all()


@pytest.mark.parametrize(
    "aim,expected", [(3.0, 10.0), (2.0, 10.0), (1.5, 15.0), (1.0, 20.0), (0.9, None)]
)
def test_a_loss_is_reached_between_two_evaluations(aim, expected):
    assert evaluations_to_reach(aim, [10, 20, 30], [2.0, 1.0, 1.2]) == expected


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
