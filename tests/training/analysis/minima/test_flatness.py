"""Disturbances of the size they say, and the study on the demo digits from one end to the other."""

import json

import pytest
import torch

from catseye.__main__ import main
from catseye.models.lenet import LeNet
from catseye.training.analysis.minima import flatness, minima
from catseye.training.analysis.minima.flatness import (
    noisy_activations,
    noisy_camera,
    noisy_weights,
    rank_correlation,
)


@torch.no_grad()
def test_noise_on_weights_is_relative_to_each_tensor():
    torch.manual_seed(0)
    network = LeNet().eval()
    noisy = noisy_weights(network, 0.3)
    for before, after in zip(network.parameters(), noisy.parameters()):
        if before.ndim == 1:
            assert torch.equal(before, after)
        elif before.numel() > 1000:
            assert (after - before).std().item() == pytest.approx(
                0.3 * before.std().item(), rel=0.1
            )


@torch.no_grad()
def test_noise_on_activations_is_relative_and_new_each_time():
    torch.manual_seed(0)
    network, x = LeNet().eval(), torch.rand(4, 1, 32, 32)
    noisy = noisy_activations(network, 0.2)
    clean, first, second = network.features[:2](x), noisy.features[:2](x), noisy.features[:2](x)
    assert (first - clean).std().item() == pytest.approx(0.2 * clean.std().item(), rel=0.1)
    assert not torch.equal(first, second)
    assert torch.equal(network(x), network(x))


def test_noise_of_the_camera_stays_bytes():
    torch.manual_seed(0)
    grey = torch.full((10, 32, 32), 128, dtype=torch.uint8)
    noisy = noisy_camera(grey, 20)
    assert noisy.dtype == torch.uint8 and noisy.float().std().item() == pytest.approx(20, rel=0.05)
    black = noisy_camera(torch.zeros_like(grey), 20).float()
    assert black.mean().item() == pytest.approx(8, rel=0.1)  # clipped, not wrapped


def test_the_correlation_is_that_of_ranks():
    assert rank_correlation([1.0, 2.0, 50.0], [0.1, 0.2, 0.3]) == pytest.approx(1)
    assert rank_correlation([1.0, 2.0, 50.0], [0.3, 0.1, 0.2]) == pytest.approx(-0.5)
    assert rank_correlation([1.0, 2.0, 50.0], [0.0, 0.0, 0.0]) is None


@pytest.fixture
def small(monkeypatch):
    """Two optimizers, an easy task and a coarse Hessian."""
    few = {name: flatness.SETTINGS[name] for name in ("sgd", "adamw")}
    monkeypatch.setattr(flatness, "SETTINGS", few)
    monkeypatch.setattr(flatness, "LEVELS", (2.2, 1.5))
    monkeypatch.setattr(flatness, "STEPS", 4)
    monkeypatch.setattr(flatness, "HESSIAN_DIGITS", 50)
    monkeypatch.setattr(minima, "DIGITS", 500)


def test_the_study_from_one_end_to_the_other(small, tmp_path, capsys):
    picture = tmp_path / "flat.png"
    arguments = ["--data", "demo", "--seeds", "1", "--json", "--figure", str(picture)]
    assert main(["analyze", "flatness", *arguments]) == 0
    answer = json.loads(capsys.readouterr().out)
    found = [(row["optimizer"], row["level"]) for row in answer["minima"]]
    assert found == [("sgd", 2.2), ("sgd", 1.5), ("adamw", 2.2), ("adamw", 1.5)]
    for row in answer["minima"]:
        assert set(row["lost"]) == {"int8", "fp16", *flatness.DISTURBED}
        assert row["loss"] == pytest.approx(row["level"], rel=0.05)
        assert row["loss"] <= row["level"] and row["gradients"] % flatness.LOOK == 0
        assert row["largest"] > row["trace"] / 21_328 > 0
    row, level = answer["minima"][3], answer["levels"][1]
    assert level["level"] == 1.5
    assert level["optimizers"]["adamw"]["largest"] == [row["largest"], 0.0]
    assert picture.stat().st_size > 0


def test_an_optimizer_that_does_not_come_so_low_is_named(small, capsys):
    arguments = ["--data", "demo", "--seeds", "1", "--gradients", "20"]
    assert main(["analyze", "flatness", *arguments]) == 2
    assert "sgd is at a training loss of" in capsys.readouterr().err


def test_measuring_does_not_change_how_a_run_goes_on(small):
    def weights(measure):
        problem = minima.digits_problem("demo", 0)
        for _ in flatness.at_levels(problem, "sgd", 400, 0):
            if measure:
                torch.randn(10)
        return torch.cat([w.flatten() for w in problem.network.parameters()])

    assert torch.equal(weights(False), weights(True))


def test_the_trace_is_that_of_a_known_hessian(monkeypatch):
    class Known:
        product = staticmethod(lambda v: v * torch.linspace(0, 2, 300, dtype=torch.float64))

        def __len__(self):
            return 300

    class Still:
        hessian = staticmethod(lambda digits: Known())
        loss_on = staticmethod(lambda digits: torch.tensor(0.5))

    found = flatness.curvature(Still())
    assert found.loss == 0.5 and found.largest == pytest.approx(2, rel=0.01)
    assert found.trace == pytest.approx(300, rel=0.1)
