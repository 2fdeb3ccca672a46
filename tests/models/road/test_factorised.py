"""The road network: size, shapes, and that it can learn a picture by heart."""

import pytest
import torch

from catseye.models.parts import StochasticDepth
from catseye.models.road import RoadConfig, RoadNet


def drops_of(network: RoadNet) -> list[float]:
    return [part.drop for part in network.modules() if isinstance(part, StochasticDepth)]


def test_parameters_and_shapes():
    network = RoadNet().eval()
    assert sum(weight.numel() for weight in network.parameters()) < 1_000_000
    with torch.no_grad():
        assert network(torch.zeros(1, 3, 64, 96)).shape == (1, 11, 64, 96)
        half, deep = network.logits(torch.zeros(2, 3, 64, 96))
    assert half.shape == (2, 11, 32, 48) and deep.shape == (2, 11, 4, 6)


def test_every_weight_gets_a_gradient():
    network = RoadNet(
        RoadConfig(
            widths=(4, 8, 8, 8), at_quarter=(1,), at_eighth=(1,), at_sixteenth=(1,), decoder=4
        )
    )
    half, deep = network.logits(torch.randn(2, 3, 32, 32))
    (half.square().mean() + deep.square().mean()).backward()
    assert all(
        weight.grad is not None and weight.grad.abs().sum() > 0 for weight in network.parameters()
    )


def test_it_learns_a_picture_by_heart():
    torch.manual_seed(0)
    network = RoadNet(
        RoadConfig(
            widths=(8, 8, 8, 8), at_quarter=(1,), at_eighth=(1,), at_sixteenth=(1,), decoder=4
        )
    )
    picture, truth = torch.randn(1, 3, 32, 32), torch.zeros(1, 32, 32, dtype=torch.long)
    picture[..., 16:, :] += 2
    truth[:, 16:] = 3
    optimizer = torch.optim.AdamW(network.parameters(), 0.02)
    for _ in range(40):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(network(picture), truth).backward()
        optimizer.step()
    assert (network(picture).argmax(1) == truth).float().mean() > 0.95


def test_blocks_are_dropped_alike_or_more_with_depth():
    config = {
        "at_quarter": (1,),
        "at_eighth": (1, 2),
        "at_sixteenth": (1, 2),
        "stochastic_depth": 0.2,
    }
    assert drops_of(RoadNet(RoadConfig(**config))) == [0.2] * 5
    assert drops_of(RoadNet(RoadConfig(**config, linear_decay=True))) == pytest.approx(
        [0.04, 0.08, 0.12, 0.16, 0.2]
    )
