"""The lecture's penalty and its back-propagation by hand against autograd, and the input that
excites a unit most."""

import pytest
import torch

from catseye.models.autoencoder import (
    Autoencoder,
    AutoencoderConfig,
    gradients_by_hand,
    kl_divergence,
    kl_slope,
    sparse_objective,
    strongest_inputs,
)
from catseye.runtime.datasets.bsds import read_photographs, sample_patches


@pytest.fixture(scope="module")
def x() -> torch.Tensor:
    return torch.from_numpy(sample_patches(read_photographs("demo", "train"), 300, 10, 0)).double()


@pytest.mark.parametrize("units", [25, 100, 150])
@pytest.mark.parametrize("beta", [0.0, 0.7])
def test_back_propagation_by_hand_is_autograd(x, units, beta):
    torch.manual_seed(units)
    network = Autoencoder(AutoencoderConfig(units=units, beta=beta, rho=0.2)).double()
    with torch.no_grad():
        network.encode.weight *= 5  # units that differ
    sparse_objective(network, x).backward()
    by_hand = gradients_by_hand(network, x)
    assert by_hand.keys() == dict(network.named_parameters()).keys()
    for name, parameter in network.named_parameters():
        assert (by_hand[name] - parameter.grad).abs().max() < 1e-12 * max(1, beta / 1e-2), name


def test_the_extra_term_is_the_slope_of_the_divergence():
    rho_hat = torch.linspace(0, 1, 101, dtype=torch.float64, requires_grad=True)
    kl_divergence(0.2, rho_hat).sum().backward()
    assert torch.allclose(kl_slope(0.2, rho_hat.detach()), rho_hat.grad, atol=1e-12)


def test_the_divergence_is_the_lectures():
    """0 at rho alone, growing away from it, as large as it gets at the ends."""
    rho_hat = torch.linspace(0, 1, 1001, dtype=torch.float64)
    divergence = kl_divergence(0.2, rho_hat)
    assert divergence[200] == 0 and (divergence >= 0).all() and divergence.isfinite().all()
    inner = divergence[1:-1]
    assert (inner[:200].diff() < 0).all() and (inner[200:].diff() > 0).all()
    expected = 0.2 * torch.tensor(0.2 / 0.3).log() + 0.8 * torch.tensor(0.8 / 0.7).log()
    assert divergence[300] == pytest.approx(float(expected), abs=1e-6)


def test_no_input_of_norm_1_excites_a_unit_more(x):
    network = Autoencoder(AutoencoderConfig(units=30)).double()
    best = strongest_inputs(network.encode.weight.detach())
    assert torch.allclose(best.norm(dim=1), torch.ones(30, dtype=torch.float64))
    with torch.no_grad():
        reached = network.activations(best).diagonal()
        assert (network.activations(x / x.norm(dim=1, keepdim=True)) < reached).all()


def test_a_linear_one_has_no_squashing(x):
    network = Autoencoder(AutoencoderConfig(units=50, beta=0, linear=True)).double()
    with torch.no_grad():
        at_zero = network(torch.zeros_like(x))
        assert torch.allclose(network(3 * x) - at_zero, 3 * (network(x) - at_zero))
