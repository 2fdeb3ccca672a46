"""Hessian products, Lanczos and its quadrature, against matrices whose eigenvalues are known."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.autograd.functional import hessian as hessian_by_autograd
from torch.func import functional_call
from torch.nn.functional import cross_entropy

from catseye.training.analysis.minima.spectrum import (
    Hessian,
    Spectrum,
    dense_spectrum,
    estimated_spectrum,
    lanczos,
)


def rotated(eigenvalues: np.ndarray, seed: int = 0) -> torch.Tensor:
    """A symmetric matrix with these eigenvalues and random eigenvectors."""
    vectors, _ = np.linalg.qr(
        np.random.default_rng(seed).normal(size=(len(eigenvalues), len(eigenvalues)))
    )
    return torch.from_numpy(vectors * eigenvalues @ vectors.T)


def lectures_shape(size: int = 500) -> np.ndarray:
    """94 % near zero, a long positive tail to 40, a short negative one to -0.46."""
    negative, positive = size // 100, size // 20
    near_zero = np.random.default_rng(1).normal(0, 1e-5, size - negative - positive)
    return np.concatenate(
        [-np.geomspace(0.46, 0.05, negative), near_zero, np.geomspace(0.1, 40, positive)]
    )


@pytest.fixture
def small_net():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 3)).double()
    return network, torch.randn(20, 3, dtype=torch.float64), torch.randint(3, (20,))


def test_products_are_those_of_the_hessian_written_out(small_net):
    network, x, labels = small_net
    names, weights = zip(*network.named_parameters())

    def loss(flat):
        parts = flat.split([w.numel() for w in weights])
        parameters = {name: part.reshape(w.shape) for name, part, w in zip(names, parts, weights)}
        return cross_entropy(functional_call(network, parameters, (x,)), labels)

    expected = hessian_by_autograd(loss, torch.cat([w.detach().flatten() for w in weights]))
    found = Hessian(cross_entropy(network(x), labels), weights)
    assert torch.allclose(found.rows(len(found)), expected, atol=1e-12)
    v = torch.randn(len(found), dtype=torch.float64)
    assert torch.allclose(found.product(v), expected @ v, atol=1e-12)


def test_all_eigenvalues_of_a_known_matrix():
    eigenvalues = lectures_shape(200)
    found = dense_spectrum(rotated(eigenvalues).numpy())
    assert np.allclose(found.values, np.sort(eigenvalues), atol=1e-12)
    assert found.weights.sum() == pytest.approx(1)


def test_lanczos_in_full_finds_every_eigenvalue():
    eigenvalues = np.linspace(-1, 3, 30)
    diagonal, off_diagonal = lanczos(rotated(eigenvalues).matmul, torch.ones(30), 30)
    matrix = np.diag(diagonal) + np.diag(off_diagonal, 1) + np.diag(off_diagonal, -1)
    assert np.allclose(np.linalg.eigvalsh(matrix), eigenvalues)


def test_lanczos_ends_where_the_krylov_space_does():
    matrix = torch.diag(torch.tensor([1.0, 2.0, 5.0, 7.0, 9.0], dtype=torch.float64))
    diagonal, off_diagonal = lanczos(matrix.matmul, torch.tensor([1.0, 1.0, 1.0, 0.0, 0.0]), 5)
    assert len(diagonal) == 3 and len(off_diagonal) == 2


def test_an_outlier_is_found_once():
    """Lanczos that lets its directions lean towards each other finds an outlier again and again."""
    eigenvalues = np.concatenate([np.random.default_rng(2).normal(0, 1, 299), [1000.0]])
    found = estimated_spectrum(rotated(eigenvalues).matmul, 300, steps=150, probes=1)
    assert (found.values > 500).sum() == 1 and found.values[-1] == pytest.approx(1000)


def test_the_estimate_has_the_lectures_numbers():
    eigenvalues = lectures_shape()
    found = estimated_spectrum(rotated(eigenvalues).matmul, len(eigenvalues), steps=60, probes=4)
    numbers = found.summary()
    assert found.weights.sum() == pytest.approx(1)
    assert numbers.share_near_zero == pytest.approx(0.94, abs=0.02)
    assert numbers.largest == pytest.approx(40, rel=1e-6)
    assert numbers.most_negative == pytest.approx(-0.46, rel=1e-3)


def test_the_quadratures_mean_is_the_trace():
    eigenvalues = np.linspace(-1, 3, 400)
    found = estimated_spectrum(rotated(eigenvalues).matmul, 400, steps=20, probes=8)
    assert found.values @ found.weights == pytest.approx(1.0, abs=0.06)


def test_the_share_above_a_magnitude_falls_with_it():
    spectrum = Spectrum(np.array([-2.0, 0.0, 1.0, 3.0]), np.array([0.1, 0.6, 0.2, 0.1]))
    magnitudes, shares = spectrum.above_magnitude()
    assert magnitudes.tolist() == [3, 2, 1, 0]
    assert shares == pytest.approx([0.1, 0.2, 0.4, 1.0])
    assert spectrum.share_near_zero() == 0.6
