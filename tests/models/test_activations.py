"""Each activation against torch's own, its derivative against autograd, and what happens at
zero."""

import pytest
import torch
from torch.nn import functional

from catseye.models.activations import ACTIVATIONS, noisy_relu, softmax, softmax_jacobian

A = torch.linspace(-40, 40, 1000, dtype=torch.float64)
TORCH = {
    "unit step": lambda a: torch.heaviside(a, torch.zeros_like(a)),
    "signum": torch.sign,
    "ReLU": functional.relu,
    "leaky ReLU": lambda a: functional.leaky_relu(a, 0.01),
    "softplus": lambda a: functional.softplus(a, threshold=1000),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
}


@pytest.mark.parametrize("name", TORCH)
def test_value_and_derivative_are_torchs(name: str):
    a = A.clone().requires_grad_()
    value = TORCH[name](a)
    slope = torch.autograd.grad(value.sum(), a)[0] if name != "unit step" else torch.zeros_like(A)
    assert torch.allclose(ACTIVATIONS[name].value(A), value, atol=1e-14)
    assert torch.allclose(ACTIVATIONS[name].derivative(A), slope, atol=1e-14)


def test_the_tables_names_are_all_tested():
    assert set(ACTIVATIONS) == {*TORCH, "noisy ReLU"}


def test_relu_is_shut_at_zero():
    assert (
        ACTIVATIONS["ReLU"].derivative(torch.zeros(1)) == 0
        and ACTIVATIONS["unit step"].value(torch.zeros(1)) == 0
    )


def test_noise_has_the_variance_of_the_paper_and_one_value_for_a_seed():
    a = torch.full((200_000,), 3.0, dtype=torch.float64)
    g = noisy_relu(seed=1)
    assert torch.equal(g.value(a), g.value(a)) and not torch.equal(
        g.value(a), noisy_relu(seed=2).value(a)
    )
    assert g.value(a).min() >= 0
    high = torch.full_like(a, 30.0)  # far from the kink nothing is cut off
    assert g.value(high).mean().item() == pytest.approx(30, abs=0.02)
    assert g.value(high).var().item() == pytest.approx(1, abs=0.02)
    low = torch.zeros_like(a)  # variance sigmoid(0) = 1/2, half of it cut off: E max(0, n)^2 = 1/4
    assert g.value(low).square().mean().item() == pytest.approx(0.25, abs=0.01)


def test_the_derivative_of_noisy_relu_is_autograds():
    a = A.clone().requires_grad_()
    slope = torch.autograd.grad(noisy_relu(3).value(a).sum(), a)[0]
    assert torch.allclose(noisy_relu(3).derivative(A), slope, atol=1e-14)


def test_softmax_and_its_jacobian():
    rows = torch.randn(4, 5, generator=torch.Generator().manual_seed(0)).double() * 300
    assert torch.allclose(softmax(rows), torch.softmax(rows, -1), atol=1e-14)
    rows /= 100
    for row, jacobian in zip(rows, softmax_jacobian(rows)):
        assert torch.allclose(
            jacobian, torch.autograd.functional.jacobian(softmax, row), atol=1e-14
        )
