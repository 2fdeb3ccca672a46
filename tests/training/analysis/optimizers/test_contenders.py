"""Every contender is searched with as many runs, and annealed along one schedule."""

import pytest
import torch

from catseye.training.analysis.optimizers.contenders import (
    CONTENDERS,
    GAMMA0,
    annealed,
    changed,
)
from catseye.training.steps import warm_cosine


def test_all_are_searched_alike():
    assert len({len(contender.changes) for contender in CONTENDERS.values()}) == 1
    for contender in CONTENDERS.values():
        for change in contender.changes:
            assert set(change) <= {"rate", *contender.setting}


def test_a_change_multiplies_the_rate_and_replaces_the_rest():
    setting = {"rate": 0.2, "momentum": 0.9}
    assert changed(setting, {"momentum": 0.8}) == {"rate": 0.2, "momentum": 0.8}
    assert changed(setting, {"rate": 2.0}) == {"rate": 0.4, "momentum": 0.9}


@pytest.mark.parametrize("name", CONTENDERS)
def test_the_rate_follows_the_shared_schedule(name):
    contender, weight = CONTENDERS[name], torch.zeros(2, requires_grad=True)
    run = annealed(contender.optimizer, [weight], contender.setting | {"rate": 0.1}, 400, 0)
    steps = 400 // run.gradients
    for step in (0, steps // 2, steps - 1):
        assert run.factor(step) == pytest.approx(warm_cosine(step, steps))


@pytest.mark.parametrize("inner_steps", [5, 20])
def test_entropy_sgd_goes_the_scheduled_share_of_the_way_to_mu_however_gamma_grows(inner_steps):
    setting = {"rate": 0.1, "inner_steps": inner_steps, "outer_momentum": 0.0, "growth": 20.0}
    run = annealed("entropy-sgd", [torch.zeros(2, requires_grad=True)], setting, 400, 0)
    (group,) = run.optimizer.param_groups
    steps = 400 // inner_steps
    assert run.gradients == group["inner_steps"] == inner_steps and group["gamma0"] == GAMMA0
    for step in (0, steps // 2, steps):
        gamma = group["gamma0"] * (1 + group["gamma1"]) ** step
        assert group["lr"] * run.factor(step) * gamma == pytest.approx(warm_cosine(step, steps))
    assert gamma == pytest.approx(20 * GAMMA0)
