"""LeNet's features as matrix products against torch's own convolutions and poolings."""

import copy

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from catseye.models.lenet import LeNet, LeNetConfig
from catseye.runtime.datasets.mnist import read_digits
from catseye.training.recipes.digits import network_input_from_digits
from catseye.training.recipes.lenet_on_cpu import quick_on_cpu


@pytest.fixture
def networks() -> tuple[nn.Module, nn.Module]:
    """The same weights twice, in float64: torch's way, and the quick one."""
    torch.manual_seed(0)
    usual = LeNet(LeNetConfig(dropout=0.0)).double()
    quick = copy.deepcopy(usual)
    quick_on_cpu(quick.features)
    return usual, quick


@pytest.mark.parametrize("number", [1, 37])
def test_answers_and_gradients_are_torchs(networks, number):
    """On digits, whose flat ground makes all four numbers of a pooling equal."""
    some = read_digits("demo", "val")
    images = network_input_from_digits(torch.from_numpy(some.images[:number])).double()
    labels = torch.from_numpy(some.labels[:number].copy()).long()
    for network in networks:
        cross_entropy(network(images), labels).backward()
    usual, quick = networks
    assert torch.allclose(usual(images), quick(images), atol=1e-12)
    for (name, weight), other in zip(usual.named_parameters(), quick.parameters()):
        assert weight.grad.abs().max() > 0, name
        assert torch.allclose(weight.grad, other.grad, atol=1e-12), name


def test_weights_keep_their_names(networks):
    usual, quick = networks
    assert list(usual.state_dict()) == list(quick.state_dict())
    usual.load_state_dict(quick.state_dict())


def test_a_copy_is_quick_too(networks):
    """The average of the weights is one."""
    _, quick = networks
    assert type(copy.deepcopy(quick).features) is type(quick.features) is not nn.Sequential
