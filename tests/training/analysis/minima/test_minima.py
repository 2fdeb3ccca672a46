"""Every optimizer goes down, in as many gradients, the same way twice."""

from functools import partial

import pytest
import torch

from catseye.training.analysis.minima import minima
from catseye.training.analysis.minima.minima import (
    OPTIMIZERS,
    autoencoder_problem,
    descend,
    digits_problem,
    road_problem,
)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(minima, "DIGITS", 200)
    monkeypatch.setattr(minima, "PATCHES", 300)
    monkeypatch.setattr(minima, "CROPS", 6)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_it_goes_down_in_so_many_gradients(optimizer):
    problem = digits_problem("demo", seed=1, hidden=16)
    asked = []

    def counted(network, x, y):
        asked.append(len(x))
        return problem.loss(network, x, y)

    before = problem.loss_on(200).item()
    descend(problem._replace(loss=counted), optimizer, 60, seed=1)
    assert asked == [problem.batch] * 60
    assert problem.loss_on(200).item() < 0.7 * before
    assert not problem.network.training


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_no_optimizer_closes_the_autoencoders_units(optimizer):
    problem = autoencoder_problem("demo", 0, units=20)
    descend(problem, optimizer, 60, seed=0)
    assert problem.network.activations(problem.x).min() > 0.1


def test_a_seed_gives_one_minimum():
    def weights(seed):
        problem = digits_problem("demo", seed, hidden=8)
        descend(problem, "entropy-sgd", 10, seed)
        return torch.cat([p.flatten() for p in problem.network.parameters()])

    assert torch.equal(weights(3), weights(3))
    assert not torch.equal(weights(3), weights(4))


@pytest.mark.parametrize("make", [autoencoder_problem, partial(road_problem, share_of_widths=0.25)])
def test_the_other_problems_have_losses_and_hessians(make):
    problem = make("demo", 0)
    before = problem.loss_on(6).item()
    descend(problem, "adamw", 12, seed=0)
    hessian = problem.hessian(6)
    assert problem.loss_on(6).item() < before
    product = hessian.product(torch.ones(len(hessian)))
    assert product.isfinite().all() and product.norm() > 0
