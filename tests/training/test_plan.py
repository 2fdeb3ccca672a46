"""What a plan makes of its numbers."""

from pathlib import Path

import pytest

from catseye.models.lenet import LeNet
from catseye.training.optimizers.entropy_sgd import INNER_STEPS
from catseye.training.plan import TrainingPlan

OUT = Path("unused")


@pytest.mark.parametrize("epochs, evaluations, every", [(40, 20, 2), (3, 20, 1), (30, 1, 30)])
def test_evaluations_are_spread_over_the_epochs(epochs, evaluations, every):
    assert TrainingPlan(OUT, epochs, evaluations=evaluations).every == every


def test_entropy_sgd_takes_a_gradient_for_each_inner_step():
    assert TrainingPlan(OUT, 1, "entropy-sgd", accumulate=2).batches_per_step == 2 * INNER_STEPS
    assert TrainingPlan(OUT, 1, "sgd", accumulate=2).batches_per_step == 2


def test_the_meta_data_are_those_of_the_plan():
    plan = TrainingPlan(OUT, 9, "sgd", seed=3, start="road", commit="abc", batch=4, rate=0.1)
    meta = plan.meta("digits", LeNet(), epoch=4, metrics={"accuracy": 0.5}, data={"name": "x"})
    assert (meta.task, meta.epoch, meta.epochs, meta.seed) == ("digits", 4, 9, 3)
    assert (meta.optimizer, meta.start, meta.commit) == ("sgd", "road", "abc")
    assert (meta.batch, meta.rate) == (4, 0.1)
    assert meta.config == {"dropout": 0.5} and meta.metrics == {"accuracy": 0.5}


def test_a_batch_and_a_rate_are_terms_where_they_were_asked_for():
    assert TrainingPlan(OUT, 9).terms("digits", {}).keys() == {"task", "epochs", "seed", "data"}
    terms = TrainingPlan(OUT, 9, batch=4, rate=0.1).terms("digits", {})
    assert (terms["batch"], terms["rate"]) == (4, 0.1)
