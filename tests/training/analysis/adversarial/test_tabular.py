"""Theorems 1-3 on tables, against grids, hand formulas and autograd."""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from catseye.training.analysis.adversarial import tabular
from catseye.training.analysis.adversarial.tabular import (
    LOG_4,
    best_discriminator,
    criterion,
    descend,
    onto_simplex,
    random_tables,
)

DATA, MODEL = random_tables(7)


def test_no_other_discriminator_has_a_higher_value():
    """Theorem 1, state by state: p log D + q log(1 - D) on a fine grid of D."""
    grid = np.linspace(1e-4, 1 - 1e-4, 9999)
    for p, q, best in zip(DATA, MODEL, best_discriminator(DATA, MODEL)):
        assert abs(grid[np.argmax(p * np.log(grid) + q * np.log(1 - grid))] - best) < 2e-4


def test_the_criterion_is_the_jensen_shannon_divergence():
    middle = (DATA + MODEL) / 2
    divergence = sum(
        0.5 * p * np.log(p / m) + 0.5 * q * np.log(q / m) for p, q, m in zip(DATA, MODEL, middle)
    )
    assert criterion(DATA, MODEL) == pytest.approx(-LOG_4 + 2 * divergence, abs=1e-12)
    assert criterion(DATA, DATA) == pytest.approx(-LOG_4, abs=1e-12)


def test_the_gradient_is_log_1_minus_d():
    """D* moves with p_g, but that moves C by nothing to first order."""
    p, q = torch.from_numpy(DATA), torch.from_numpy(MODEL).requires_grad_()
    best = p / (p + q)
    (p @ best.log() + q @ (1 - best).log()).backward()
    assert np.allclose(q.grad.numpy(), np.log(1 - best_discriminator(DATA, MODEL)), atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_the_projection_is_the_nearest_distribution(seed):
    v = np.random.default_rng(seed).normal(0.2, 0.5, 5)
    found = onto_simplex(v)
    assert found.sum() == pytest.approx(1) and (found >= 0).all()
    sums_to_one = {"type": "eq", "fun": lambda p: p.sum() - 1}
    slow = minimize(
        lambda p: ((p - v) ** 2).sum(),
        np.full(5, 0.2),
        bounds=[(0, 1)] * 5,
        constraints=sums_to_one,
        tol=1e-12,
    )
    assert np.allclose(found, slow.x, atol=1e-4)


def test_p_g_goes_to_p_data_and_d_to_one_half():
    descent = descend(DATA, MODEL)
    assert np.abs(descent.path[-1] - DATA).max() < 1e-6
    assert np.abs(best_discriminator(DATA, descent.path[-1]) - 0.5).max() < 1e-6
    assert descent.value[0] > -LOG_4 + 0.1 and descent.value[-1] == pytest.approx(-LOG_4, abs=1e-9)
    assert (np.diff(descent.value) < 1e-12).all()
    assert np.allclose(descent.path.sum(1), 1)


def test_the_study_says_so_and_draws_it(tmp_path):
    study = tabular.tabular(2)
    assert study.p_error < 1e-6 and study.value_rose == 0 and len(study.value_start) == 2
    study.draw(str(tmp_path / "tabular.png"))
    assert (tmp_path / "tabular.png").stat().st_size > 10_000
