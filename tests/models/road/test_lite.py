"""The road network with the published encoder: size, shapes, gradients, a picture by heart."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from catseye.models.checkpoint import load_checkpoint
from catseye.models.parts import StochasticDepth
from catseye.models.road import LITE_NANO, LiteRoadConfig, LiteRoadNet
from catseye.models.road.base import resized
from catseye.runtime.model_file.load import ZOO


@pytest.mark.parametrize("config", [LiteRoadConfig(), LITE_NANO])
def test_parameters_and_shapes(config):
    network = LiteRoadNet(config).eval()
    assert sum(weight.numel() for weight in network.parameters()) < 1_000_000
    x = torch.randn(2, 3, 64, 96)
    with torch.no_grad():
        logits, deep = network.logits(x)
        full = network(x)
    assert logits.shape == (2, 11, 64 // network.step, 96 // network.step)
    assert deep.shape == (2, 11, 64 // network.stride, 96 // network.stride)
    assert torch.equal(full, resized(logits, network.step, config.doubling))


def test_every_weight_gets_a_gradient():
    network = LiteRoadNet(replace(LITE_NANO, halved=False))
    logits, deep = network.logits(torch.randn(2, 3, 32, 32))
    (logits.square().mean() + deep.square().mean()).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())


def test_it_learns_a_picture_by_heart():
    torch.manual_seed(0)
    network = LiteRoadNet(replace(LITE_NANO, classes=4))
    picture, truth = torch.randn(2, 3, 64, 64), torch.zeros(2, 64, 64, dtype=torch.long)
    picture[..., 32:, :] += 2
    truth[:, 32:] = 3
    optimizer = torch.optim.AdamW(network.parameters(), 0.01)
    for _ in range(12):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(network(picture), truth).backward()
        optimizer.step()
    assert (network(picture).argmax(1) == truth).float().mean() > 0.95


def test_a_halved_network_sees_the_mean_of_four_pixels():
    network = LiteRoadNet(LITE_NANO).eval()
    x = torch.randn(1, 3, 64, 64)
    swapped = x.reshape(1, 3, 32, 2, 32, 2).flip(3, 5).reshape(1, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(network(x), network(swapped))


@pytest.mark.parametrize(("name", "config"), [("road", LiteRoadConfig()), ("road-nano", LITE_NANO)])
def test_shipped_networks_are_of_these_configurations(name, config):
    network = load_checkpoint(Path(ZOO) / name, "road").network
    assert network.config == replace(config, stochastic_depth=0.05)
    drops = [part.drop for part in network.modules() if isinstance(part, StochasticDepth)]
    assert drops == [0.05] * len(config.dilations)
