"""ISTA and FISTA against the optimality conditions, against each other and against scikit-learn, on
real patches."""

import math
from itertools import islice

import pytest
import torch
from sklearn.decomposition import sparse_encode

from catseye.models.sparse_coding import (
    analytic_weights,
    duality_gap,
    energy,
    fista,
    fista_iterates,
    fista_to_gap,
    ista,
    ista_iterates,
    largest_eigenvalue,
    shrink,
    solved_on_support,
)
from catseye.runtime.datasets.bsds import read_photographs, sample_patches
from catseye.runtime.errors import CatseyeError

ALPHA = 0.1


@pytest.fixture(scope="module")
def x() -> torch.Tensor:
    return torch.from_numpy(sample_patches(read_photographs("demo", "val"), 60, 10, 0)).double()


@pytest.fixture(scope="module")
def dictionary() -> torch.Tensor:
    """100 patches of other parts of the photographs."""
    return (
        torch.from_numpy(sample_patches(read_photographs("demo", "train"), 100, 10, 1)).double().T
    )


def test_shrink_is_the_lectures_formula():
    v, theta = [-3.0, -0.5, 0.0, 0.5, 3.0, -1.0, 1.0], [1.0, 1.0, 1.0, 0.2, 2.0, -0.5, -0.5]
    expected = [math.copysign(max(abs(each) - least, 0), each) for each, least in zip(v, theta)]
    assert torch.allclose(shrink(torch.tensor(v), torch.tensor(theta)), torch.tensor(expected))


def test_one_step_of_ista_by_hand():
    # W_d = (1, 0; 0, 1) and L = 1: the minimum is reached in one step, every entry shrunk by alpha.
    x = torch.tensor([[1.0, -0.05]])
    assert torch.allclose(ista(x, torch.eye(2), 0.1, 1), torch.tensor([[0.9, 0.0]]))
    assert torch.allclose(fista(x, torch.eye(2), 0.1, 1), torch.tensor([[0.9, 0.0]]))


def test_ista_is_the_lectures_recursion(x, dictionary):
    bound = torch.linalg.eigvalsh(dictionary.T @ dictionary).max()
    encode, inhibition = dictionary.T / bound, torch.eye(100) - dictionary.T @ dictionary / bound
    z = torch.zeros(100).double()
    for found in islice(ista_iterates(x[:1], dictionary, ALPHA), 5):
        v = encode @ x[0] + inhibition @ z
        z = v.sign() * (v.abs() - ALPHA / bound).clamp_min(0)
        assert torch.allclose(found[0], z)
    assert (
        torch.equal(ista(x[:1], dictionary, ALPHA, 5), found)
        and not ista(x, dictionary, ALPHA, 0).any()
    )


def test_the_step_is_the_largest_eigenvalue(dictionary):
    eigenvalues = torch.linalg.eigvalsh(dictionary.T @ dictionary)
    assert largest_eigenvalue(dictionary) == pytest.approx(eigenvalues.max().item())


def test_ista_never_goes_uphill_and_fista_keeps_its_bound(x, dictionary):
    """Beck and Teboulle, theorem 4.4: E(z_k) - E(z*) <= 2 L ||z*||^2 / (k + 1)^2."""
    best = fista_to_gap(x, dictionary, ALPHA, 1e-10)
    least = energy(x, dictionary, best, ALPHA)
    bound = 2 * largest_eigenvalue(dictionary) * best.square().sum(1)
    energies = [energy(x, dictionary, ista(x, dictionary, ALPHA, k), ALPHA) for k in range(12)]
    assert all((later <= sooner + 1e-12).all() for sooner, later in zip(energies, energies[1:]))
    for k, z in zip(range(1, 80), fista_iterates(x, dictionary, ALPHA)):
        assert (energy(x, dictionary, z, ALPHA) - least <= bound / (k + 1) ** 2 + 1e-9).all()


def test_fista_is_faster_than_ista(x, dictionary):
    slow, fast = (
        energy(x, dictionary, method(x, dictionary, ALPHA, 30), ALPHA).mean()
        for method in (ista, fista)
    )
    assert fast < slow


@pytest.mark.parametrize("algorithm", ["lasso_lars", "lasso_cd"])
def test_converged_codes_are_scikit_learns(x, dictionary, algorithm):
    options = {"max_iter": 20_000} | ({"positive": False} if algorithm == "lasso_cd" else {})
    theirs = sparse_encode(
        x.numpy(), dictionary.T.numpy(), algorithm=algorithm, alpha=ALPHA, **options
    )
    theirs = torch.from_numpy(theirs)
    ours = fista_to_gap(x, dictionary, ALPHA, 1e-10)
    ours_energy, their_energy = (energy(x, dictionary, z, ALPHA) for z in (ours, theirs))
    assert (ours_energy <= their_energy + 1e-9).all()
    assert torch.allclose(ours_energy, their_energy, atol=1e-4)
    assert (ours - theirs).abs().max() < 0.02


def test_codes_obey_the_optimality_conditions(x, dictionary):
    """W_d^T (x - W_d z) is alpha sign(z_i) where z_i is not 0, and at most alpha in size
    elsewhere."""
    z = fista_to_gap(x, dictionary, ALPHA, 1e-12)
    slope = (x - z @ dictionary.T) @ dictionary
    assert slope.abs().max() < ALPHA + 1e-4
    assert torch.allclose(slope[z != 0], ALPHA * z.sign()[z != 0], atol=1e-4)


def test_the_gap_bounds_what_is_left(x, dictionary):
    least = energy(x, dictionary, fista_to_gap(x, dictionary, ALPHA, 1e-12), ALPHA)
    for iterations in (1, 10, 100):
        z = fista(x, dictionary, ALPHA, iterations)
        left = energy(x, dictionary, z, ALPHA) - least
        gap = duality_gap(x, dictionary, z, ALPHA)
        assert (gap >= left - 1e-12).all() and (gap >= -1e-12).all()
    assert (
        gap.mean() < 0.1 * duality_gap(x, dictionary, fista(x, dictionary, ALPHA, 1), ALPHA).mean()
    )


def test_every_patch_reaches_the_stated_gap(x, dictionary):
    z = fista_to_gap(x.float(), dictionary.float(), ALPHA, 1e-6)
    assert duality_gap(x.float(), dictionary.float(), z, ALPHA).max() <= 1e-6


def test_a_gap_beyond_the_float_type_is_said(x, dictionary, monkeypatch):
    monkeypatch.setattr("catseye.models.sparse_coding.MOST_ROUNDS", 2)
    with pytest.raises(CatseyeError, match="duality gap above 0"):
        fista_to_gap(x.float(), dictionary.float(), ALPHA, 0.0)


def test_codes_are_solved_for_once_their_signs_are_found(x, dictionary):
    best = fista_to_gap(x, dictionary, ALPHA, 1e-12)
    rough = best * (1 + 0.3 * torch.rand(best.shape, generator=torch.Generator().manual_seed(0)))
    assert torch.allclose(solved_on_support(x, dictionary, rough, ALPHA), best, atol=1e-5)
    nothing = torch.zeros_like(best)
    assert torch.equal(solved_on_support(x, dictionary, nothing, ALPHA), nothing)


def test_analytic_weights_are_the_least_coherent():
    """w_i^T d_i = 1, and no step along the constraint lowers ||W^T W_d||."""
    dictionary = torch.from_numpy(
        sample_patches(read_photographs("demo", "train"), 120, 10, 1)
    ).T.double()
    weights = analytic_weights(dictionary)
    assert torch.allclose((weights * dictionary).sum(0), torch.ones(120).double())
    best = (weights.T @ dictionary).square().sum()
    assert best < (dictionary.T @ dictionary).square().sum()
    generator = torch.Generator().manual_seed(0)
    for _ in range(5):
        step = torch.randn(dictionary.shape, generator=generator, dtype=torch.double)
        # columns of norm 1: leaves w_i^T d_i as it is
        step -= dictionary * (step * dictionary).sum(0)
        assert ((weights + 1e-4 * step).T @ dictionary).square().sum() >= best
