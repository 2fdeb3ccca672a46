"""The variants differ from LeNet by what their names say and nothing else."""

import pytest
import torch
from torch import nn

from catseye.models.lenet import LeNet
from catseye.models.lenet_variants import VARIANTS, Change, LocallyConnected, changed_lenet
from catseye.models.parts import StochasticDepth


def test_without_a_change_it_is_lenet():
    lenet, variant = LeNet().eval(), changed_lenet(Change()).eval()
    for ours, theirs in zip(variant.parameters(), lenet.parameters()):
        ours.data.copy_(theirs)
    x = torch.rand(3, 1, 32, 32)
    assert torch.equal(variant(x), lenet(x))
    assert [type(layer) for layer in variant] == [
        type(layer) for layer in [*lenet.features, *lenet.classify]
    ]


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_answers(name: str):
    assert VARIANTS[name]()(torch.rand(2, 1, 32, 32)).shape == (2, 10)


@pytest.mark.parametrize(
    ("change", "features"),
    [
        (Change(first_filter=12), 6 * 3 * 3),
        (Change(first_filter=15), 6 * 2 * 2),
        (Change(pools=(1, 1)), 6 * 24 * 24),
        (Change(pools=(4, 2)), 6),
    ],
)
def test_what_reaches_the_fully_connected_layers(change, features):
    assert (
        next(layer for layer in changed_lenet(change) if isinstance(layer, nn.Linear)).in_features
        == features
    )


def test_unshared_weights_that_are_equal_convolve():
    conv, local = nn.Conv2d(2, 3, 4), LocallyConnected(2, 3, 4, side=7)
    local.weight.data.copy_(conv.weight.detach().flatten(1).expand_as(local.weight))
    local.bias.data.copy_(conv.bias.detach()[:, None, None].expand_as(local.bias))
    x = torch.randn(5, 2, 7, 7)
    assert torch.allclose(local(x), conv(x), atol=1e-5)


def test_depth_decays_in_one_residual_net_only():
    rates = {
        name: [part.drop for part in network().modules() if isinstance(part, StochasticDepth)]
        for name, network in VARIANTS.items()
        if name.startswith("residual")
    }
    assert rates == {
        "residual net": [0.0] * 8,
        "residual, constant depth": [0.5] * 8,
        "residual, linear decay": [0.0625, 0.125, 0.1875, 0.25, 0.3125, 0.375, 0.4375, 0.5],
    }
