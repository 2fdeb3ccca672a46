"""The loop: a run that was killed and resumed ends with the weights of one that never stopped."""

import math
from dataclasses import dataclass

import pytest
import torch
from torch import nn

from catseye.models.checkpoint import load_tensors
from catseye.runtime.errors import CatseyeError
from catseye.training import loop
from catseye.training.loop import Plan, fit


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
    learning_rates = {"adamw": 0.1, "sgd": 0.05}
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


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_it_learns(tmp_path, optimizer):
    meta = fit(LineRecipe(), Plan(tmp_path, 60, optimizer))
    assert meta["metrics"]["score"] > -0.1
    assert (tmp_path / "model.pt").exists() and list((tmp_path / "tensorboard").iterdir())


@pytest.mark.parametrize("dies_after", [1, 5])
def test_resumed_is_unbroken(tmp_path, dies_after):
    fit(LineRecipe(), Plan(tmp_path / "whole", 9))
    with pytest.raises(KeyboardInterrupt):
        fit(LineRecipe(dies_after), Plan(tmp_path / "broken", 9))
    fit(LineRecipe(), Plan(tmp_path / "broken", 9, resume=True))
    whole, broken = (load_tensors(tmp_path / name / "model.pt")["weights"] for name in ("whole", "broken"))
    assert all(torch.equal(whole[name], broken[name]) for name in whole)


def test_resume_with_nothing_to_resume_starts(tmp_path):
    assert fit(LineRecipe(), Plan(tmp_path, 2, resume=True))["epoch"] >= 1


def test_resume_under_other_terms_is_refused(tmp_path):
    fit(LineRecipe(), Plan(tmp_path, 2))
    with pytest.raises(CatseyeError, match="repeat its arguments"):
        fit(LineRecipe(), Plan(tmp_path, 3, resume=True))


def test_the_best_is_kept_not_the_last(tmp_path, monkeypatch):
    scores = iter([0.1, 0.9, 0.5, 0.4])
    monkeypatch.setattr(LineRecipe, "evaluate", lambda *_: {"score": next(scores)})
    meta = fit(LineRecipe(), Plan(tmp_path, 4))
    assert meta["epoch"] == 2 and meta["metrics"]["score"] == 0.9


def test_divergence_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(LineRecipe, "loss", lambda self, network, batch: network(batch[0]).sum() * math.nan)
    with pytest.raises(CatseyeError, match="diverged in epoch 1"):
        fit(LineRecipe(), Plan(tmp_path, 2))


def test_an_unknown_device_is_one_line():
    with pytest.raises(CatseyeError, match="--device cpu"):
        loop.device_from_name("warp")


@pytest.mark.parametrize("wanted,hardware", [(True, True), (True, False), (False, True)])
def test_bfloat16_only_where_recipe_and_hardware_bear_it(tmp_path, monkeypatch, wanted, hardware):
    seen = set()

    class Watched(LineRecipe):
        mixed_precision = wanted

        def loss(self, network, batch):
            seen.add(torch.is_autocast_enabled("cpu"))
            return super().loss(network, batch)

    monkeypatch.setattr(loop, "has_bfloat16", lambda device: hardware)
    fit(Watched(), Plan(tmp_path, 1, device="cpu"))
    assert seen == {wanted and hardware}


@pytest.mark.gpu
def test_on_a_gpu(tmp_path):
    if not torch.cuda.is_available():
        pytest.skip("needs an NVIDIA card and torch with CUDA")
    assert fit(LineRecipe(), Plan(tmp_path, 60, device="cuda"))["metrics"]["score"] > -0.05
