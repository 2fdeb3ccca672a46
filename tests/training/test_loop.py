"""The loop: a run that was killed and resumed ends with the weights of one that never stopped."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import nn

from catseye.models.tensor_file import read_tensors
from catseye.runtime.errors import CatseyeError
from catseye.training import loop
from catseye.training.loop import fit
from catseye.training.optimizers.entropy_sgd import INNER_STEPS, SCOPING
from catseye.training.plan import TrainingPlan
from catseye.training.recipes.digits import DigitsRecipe


@dataclass(frozen=True)
class LineConfig:
    width: int = 1


class Line(nn.Module):
    """y = w x + b, with dropout, so that random numbers matter."""

    def __init__(self):
        super().__init__()
        self.config = LineConfig()
        self.fit = nn.Sequential(nn.Dropout(0.02), nn.Linear(1, 1))

    def forward(self, x):
        return self.fit(x)


class LineRecipe:
    """Learn y = 3 x + 1; `dies_after` epochs the power goes."""

    task, metric = "line", "score"
    learning_rates = {"adamw": 0.1, "sgd": 0.05, "entropy-sgd": 0.1}
    weight_decay, averaging, mixed_precision = 0.0, 0.9, False

    def __init__(self, dies_after=math.inf):
        torch.manual_seed(0)
        self.network, self.dies_after = Line(), dies_after

    def steps_per_epoch(self):
        return 8

    def batches(self, epoch):
        if epoch >= self.dies_after:
            raise KeyboardInterrupt
        generator = torch.Generator().manual_seed(epoch)
        for _ in range(8):
            x = torch.rand(16, 1, generator=generator)
            yield x, 3 * x + 1

    def loss(self, network, batch):
        return (network(batch[0]) - batch[1]).square().mean()

    def evaluate(self, network, device):
        x = torch.linspace(0, 1, 11)[:, None]
        return {"score": -float((network(x) - 3 * x - 1).square().mean())}

    def describe_data(self):
        return {"name": "a line"}


@pytest.mark.parametrize("optimizer", ["adamw", "sgd", "entropy-sgd"])
def test_it_learns(tmp_path, optimizer):
    meta = fit(LineRecipe(), TrainingPlan(tmp_path, 60, optimizer))
    assert meta.metrics["score"] > -0.1
    assert (tmp_path / "model.pt").exists() and list((tmp_path / "tensorboard").iterdir())


@pytest.mark.parametrize("dies_after,optimizer", [(1, "adamw"), (5, "adamw"), (5, "entropy-sgd")])
def test_resumed_is_unbroken(tmp_path, dies_after, optimizer):
    fit(LineRecipe(), TrainingPlan(tmp_path / "whole", 9, optimizer))
    with pytest.raises(KeyboardInterrupt):
        fit(LineRecipe(dies_after), TrainingPlan(tmp_path / "broken", 9, optimizer))
    fit(LineRecipe(), TrainingPlan(tmp_path / "broken", 9, optimizer, resume=True))
    whole, broken = (
        read_tensors(tmp_path / name / "model.pt")["weights"] for name in ("whole", "broken")
    )
    assert all(torch.equal(whole[name], broken[name]) for name in whole)


def test_resume_with_nothing_to_resume_starts(tmp_path):
    assert fit(LineRecipe(), TrainingPlan(tmp_path, 2, resume=True)).epoch >= 1


def test_resume_under_other_terms_is_refused(tmp_path):
    fit(LineRecipe(), TrainingPlan(tmp_path, 2))
    with pytest.raises(CatseyeError, match="repeat its arguments"):
        fit(LineRecipe(), TrainingPlan(tmp_path, 3, resume=True))


def test_the_best_is_kept_not_the_last(tmp_path, monkeypatch):
    scores = iter([0.1, 0.9, 0.5, 0.4])
    monkeypatch.setattr(LineRecipe, "evaluate", lambda *_: {"score": next(scores)})
    meta = fit(LineRecipe(), TrainingPlan(tmp_path, 4))
    assert meta.epoch == 2 and meta.metrics["score"] == 0.9


def test_divergence_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(
        LineRecipe, "loss", lambda self, network, batch: network(batch[0]).sum() * math.nan
    )
    with pytest.raises(CatseyeError, match="diverged in epoch 1"):
        fit(LineRecipe(), TrainingPlan(tmp_path, 2))


@pytest.mark.parametrize("wanted,hardware", [(True, True), (True, False), (False, True)])
def test_bfloat16_only_where_recipe_and_hardware_bear_it(tmp_path, monkeypatch, wanted, hardware):
    seen = set()

    class Watched(LineRecipe):
        mixed_precision = wanted

        def loss(self, network, batch):
            seen.add(torch.is_autocast_enabled("cpu"))
            return super().loss(network, batch)

    monkeypatch.setattr(loop, "has_bfloat16", lambda device: hardware)
    fit(Watched(), TrainingPlan(tmp_path, 1, device="cpu"))
    assert seen == {wanted and hardware}


def losses_of(folder):
    """The losses that TensorBoard would show, by epoch."""
    events = EventAccumulator(str(folder / "tensorboard")).Reload()
    return [event.value for event in events.Scalars("loss")]


@pytest.mark.parametrize("recipe", [LineRecipe, lambda: DigitsRecipe("demo", 5)])
def test_batches_made_ahead_change_nothing(tmp_path, monkeypatch, recipe):
    fit(recipe(), TrainingPlan(tmp_path / "ahead", 2, device="cpu"))
    monkeypatch.setattr(loop, "AHEAD", 0)
    fit(recipe(), TrainingPlan(tmp_path / "asked", 2, device="cpu"))
    ahead, asked = (read_tensors(tmp_path / name / "progress.pt") for name in ("ahead", "asked"))
    assert all(
        torch.equal(ahead["network"][name], asked["network"][name]) for name in ahead["network"]
    )
    assert losses_of(tmp_path / "ahead") == losses_of(tmp_path / "asked")


class Plain(LineRecipe):
    """Without dropout, and without a loss that depends on how a batch is cut."""

    def __init__(self, cut=1):
        super().__init__()
        self.network.fit[0].p, self.cut = 0.0, cut

    def steps_per_epoch(self):
        return 8 * self.cut

    def batches(self, epoch):
        for batch in super().batches(epoch):
            yield from zip(*(part.chunk(self.cut) for part in batch))


def test_accumulated_batches_are_one_large_batch(tmp_path):
    fit(Plain(), TrainingPlan(tmp_path / "large", 3, "sgd"))
    fit(Plain(cut=4), TrainingPlan(tmp_path / "small", 3, "sgd", accumulate=4))
    large, small = (read_tensors(tmp_path / name / "progress.pt") for name in ("large", "small"))
    assert large["schedule"]["last_epoch"] == small["schedule"]["last_epoch"] == 24
    assert losses_of(tmp_path / "small") == pytest.approx(losses_of(tmp_path / "large"), rel=1e-5)
    for name, weights in large["network"].items():
        assert torch.allclose(small["network"][name], weights, rtol=1e-5)


def test_batches_that_fill_no_step_are_left_out(tmp_path):
    fit(Plain(), TrainingPlan(tmp_path, 2, accumulate=3))
    assert read_tensors(tmp_path / "progress.pt")["schedule"]["last_epoch"] == 2 * (8 // 3)


@pytest.mark.parametrize("accumulate", [1, 2])
def test_entropy_sgd_sees_the_data_as_often_as_sgd(tmp_path, monkeypatch, accumulate):
    """An outer step takes a gradient per inner step; gamma grows by SCOPING over the run, and eta
    stays."""
    seen, first_loss = [], LineRecipe.loss

    def counted(self, network, batch):
        seen.append(float(batch[0].sum()))
        return first_loss(self, network, batch)

    class Longer(LineRecipe):
        loss = counted

        def steps_per_epoch(self):
            return 22

        def batches(self, epoch):
            return (
                batch
                for part in range(3)
                for batch in super(Longer, self).batches(3 * epoch + part)
            )

    fit(Longer(), TrainingPlan(tmp_path, 2, "entropy-sgd", accumulate=accumulate))
    steps = 22 // (INNER_STEPS * accumulate)
    assert len(seen) == len(set(seen)) == 2 * steps * INNER_STEPS * accumulate
    group = read_tensors(tmp_path / "progress.pt")["optimizer"]["param_groups"][0]
    assert group["t"] == 2 * steps and group["lr"] == group["initial_lr"]
    assert (1 + group["gamma1"]) ** group["t"] == pytest.approx(SCOPING)


def test_the_rate_of_entropy_sgd_falls_where_that_is_asked_for(tmp_path):
    fit(LineRecipe(), TrainingPlan(tmp_path, 20, "entropy-sgd", decay_rate=True))
    group = read_tensors(tmp_path / "progress.pt")["optimizer"]["param_groups"][0]
    assert group["lr"] < 0.1 * group["initial_lr"]
    with pytest.raises(CatseyeError, match="decay_rate"):
        fit(LineRecipe(), TrainingPlan(tmp_path, 20, "entropy-sgd", resume=True))


def test_more_batches_to_a_step_than_there_are(tmp_path):
    with pytest.raises(CatseyeError, match="8 batches an epoch for 9 to a step"):
        fit(LineRecipe(), TrainingPlan(tmp_path, 2, accumulate=9))


def test_resuming_with_other_accumulation_is_refused(tmp_path):
    fit(LineRecipe(), TrainingPlan(tmp_path, 2))
    with pytest.raises(CatseyeError, match="batches_per_step"):
        fit(LineRecipe(), TrainingPlan(tmp_path, 2, resume=True, accumulate=2))


def test_a_run_that_gets_no_better_is_ended(tmp_path, monkeypatch):
    scores = iter([0.1, 0.9, 0.5, 0.8, 0.7, 0.99])
    monkeypatch.setattr(LineRecipe, "evaluate", lambda *_: {"score": next(scores)})
    meta = fit(LineRecipe(), TrainingPlan(tmp_path, 40, evaluations=20, patience=3))
    assert meta.epoch == 4 and read_tensors(tmp_path / "progress.pt")["epoch"] == 10
    assert (
        fit(LineRecipe(), TrainingPlan(tmp_path, 40, evaluations=20, patience=3, resume=True))
        == meta
    )
    assert next(scores) == 0.99  # not asked again


def test_pictures_of_a_recipe_go_to_tensorboard(tmp_path):
    class Painter(LineRecipe):
        def pictures(self, network, device):
            return {"a line": np.full((4, 6, 3), (255, 0, 0), np.uint8)}

    fit(Painter(), TrainingPlan(tmp_path, 2))
    events = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    first, _ = events.Images("a line")
    pixels = cv2.imdecode(np.frombuffer(first.encoded_image_string, np.uint8), cv2.IMREAD_COLOR)
    assert pixels.shape == (4, 6, 3) and (pixels == (255, 0, 0)).all()
    assert 0 <= events.Scalars("waiting_share")[0].value <= 1


@pytest.mark.gpu
def test_on_a_gpu(tmp_path):
    if not torch.cuda.is_available():
        pytest.skip("needs an NVIDIA card and torch with CUDA")
    assert fit(LineRecipe(), TrainingPlan(tmp_path, 60, device="cuda"))["metrics"]["score"] > -0.05
