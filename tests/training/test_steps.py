"""How a run steps: rates, averages, and what fills a step."""

from pathlib import Path

import pytest
import torch
from curve import Curve

from catseye.runtime.errors import CatseyeError
from catseye.training.plan import TrainingPlan
from catseye.training.steps import (
    START_RATE,
    averaged,
    optimizer_of,
    rate_factor,
    warm_cosine,
    whole_steps,
)

OUT = Path("unused")


def test_the_rate_warms_up_and_falls_to_a_hundredth():
    factors = [warm_cosine(step, 1000) for step in range(1000)]
    assert factors[0] == pytest.approx(1 / 30) and factors[29] == 1.0
    assert factors[29:] == sorted(factors[29:], reverse=True)
    assert factors[-1] == pytest.approx(0.01, abs=1e-4)


@pytest.mark.parametrize(
    "plan, last",
    [
        (TrainingPlan(OUT, 2, "sgd"), 0.01),
        (TrainingPlan(OUT, 2, "entropy-sgd"), 1.0),
        (TrainingPlan(OUT, 2, "entropy-sgd", decay_rate=True), 0.01),
    ],
)
def test_entropy_sgds_rate_is_held_unless_asked(plan, last):
    assert rate_factor(plan, 1000)(999) == pytest.approx(last, abs=1e-4)


def test_batches_that_fill_no_step_are_left_out():
    recipe = Curve()
    batches = recipe.steps_per_epoch()
    assert whole_steps(recipe, 3) == batches // 3
    with pytest.raises(CatseyeError, match="one step at least"):
        whole_steps(recipe, batches + 1)


def test_weights_that_were_trained_before_learn_at_a_quarter_and_new_ones_at_the_whole_rate():
    recipe = Curve()
    new = next(iter(dict(recipe.network.named_parameters())))
    groups = optimizer_of(
        recipe, TrainingPlan(OUT, 2, "sgd", start="other", new=(new,)), 10
    ).param_groups
    rate = recipe.learning_rates["sgd"]
    assert {group["lr"] for group in groups} == {START_RATE * rate, rate}
    assert [len(group["params"]) for group in groups if group["lr"] == rate] == [1]


def test_an_optimizer_without_a_rate_is_one_line():
    with pytest.raises(CatseyeError, match="--optimizer adamw with"):
        optimizer_of(Curve(), TrainingPlan(OUT, 2, "adamw"), 10)


def test_an_average_begins_soon_and_then_looks_far_back():
    network = torch.nn.Linear(1, 1, bias=False)
    average = averaged(network, 0.99)
    assert averaged(network, 0) is None
    for value, expected in ((1.0, 1.0), (0.0, 2 / 11), (0.0, 2 / 11 * 3 / 12)):
        torch.nn.init.constant_(network.weight, value)
        average.update_parameters(network)
        assert float(average.module.weight.detach()) == pytest.approx(expected)


def test_a_rate_asked_for_is_taken_for_the_recipes():
    optimizer = optimizer_of(Curve(), TrainingPlan(OUT, 1, "sgd", rate=0.125), 10)
    assert [group["lr"] for group in optimizer.param_groups] == [0.125] * len(
        optimizer.param_groups
    )
