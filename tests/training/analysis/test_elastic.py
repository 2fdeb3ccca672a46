"""The study of elastic averaging in a small size, on the demo digits."""

import json
import math

import cv2
import pytest
import torch

from catseye.training.analysis.elastic import drawing, real, runs, valleys
from catseye.training.analysis.elastic.lab import CPU, Costs, Lab
from catseye.training.recipes.digits import accuracy

COSTS = Costs(step_s=1.0, exchange_s=0.25)


@pytest.fixture(scope="module")
def lab():
    return Lab("demo", 0)


def test_error_and_loss_are_those_of_the_vector(lab):
    x = torch.randn_like(lab.start) / 10
    assert (lab.flat.weights() - x).abs().max() > 0.01
    error = lab.error(x)
    assert torch.equal(lab.flat.weights(), x) and lab.flat.network.training
    lab.flat.network.eval()
    assert error == 1 - accuracy(lab.flat.network, *lab.recipe.validation, CPU)
    lab.flat.network.train()
    assert 0 < lab.loss(lab.start) == pytest.approx(math.log(10), rel=0.1)  # it knows nothing yet


def test_workers_have_batches_of_their_own_and_their_mean_is_the_averaged_gradient(lab):
    singles = []
    for worker in range(2):
        torch.manual_seed(worker)
        singles.append(lab.gradient(worker)(lab.start))
    assert not torch.allclose(*singles)
    lab.flat.network.eval()  # without dropout
    mean = (lab.gradient(0)(lab.start) + lab.gradient(1)(lab.start)) / 2
    assert torch.allclose(lab.averaged_gradient(2)(lab.start), mean, atol=1e-7)
    lab.flat.network.train()


def test_bytes_and_seconds_are_counted(lab):
    looks, end = runs.with_center(lab, "easgd", 4, 0.1, 8, COSTS)
    assert len(looks) == runs.LOOKS and 6 < looks[-1].steps < 8
    # there and back
    assert end.exchanges == 4 * 2 and looks[-1].sent == end.exchanges * 2 * lab.start.nbytes
    averaged = runs.averaged(lab, 0.1, 8, COSTS)
    assert averaged[-1].sent == averaged[-1].steps * 6 * lab.start.nbytes
    assert averaged[-1].seconds == pytest.approx(averaged[-1].steps * (1.06 + 0.25))
    assert runs.alone(lab, 0.1, 8, COSTS)[-1][:3] == (8, 8.0, 0)


@pytest.mark.parametrize("tau", [1, 8])
def test_all_methods_have_the_same_time(lab, tau):
    dear = Costs(step_s=1.0, exchange_s=0.5)
    looks, _ = runs.with_center(lab, "downpour", tau, 0.1, 16, dear)
    assert 14 < looks[-1].seconds <= 16
    # four workers wait for one center: half a second each, while a step lasts one
    assert looks[-1].steps < 9 if tau == 1 else looks[-1].steps > 13
    assert 14 < runs.averaged(lab, 0.1, 16, dear)[-1].seconds <= 16


def test_the_whole_study_is_told_and_drawn(tmp_path, monkeypatch):
    assert len(runs.methods()) == 17
    monkeypatch.setattr(runs, "TAUS", (64,))
    monkeypatch.setattr(runs, "LOOKS", 2)
    monkeypatch.setattr(valleys, "POINTS", 3)
    answer = runs.compare("demo", 2, 8)
    assert len(answer.methods) == 5 and all(0 < cost < 60 for cost in answer.costs)
    last = answer.methods[-1]
    assert (last.name, last.tau, len(last.looks)) == ("downpour", 64, 2) and last.spread >= 0
    document = json.loads(json.dumps(answer.as_json()))
    assert document["costs"] == answer.costs._asdict() and list(document)[-1] == "methods"
    assert document["methods"][-1]["looks"] == [list(look) for look in last.looks]
    lines = valleys.valleys("demo", 8)
    assert len(lines) == 6 and all(len(line.losses) == 3 for line in lines.values())
    # far from each other already before they learn
    assert lines["untied"].distance > 5 > lines["untied, begun together"].distance
    drawing.draw(str(tmp_path / "elastic.png"), answer, lines)
    assert cv2.imread(str(tmp_path / "elastic.png")).shape[1] > 1000


def test_a_summary_is_mean_and_spread():
    first = [runs.Look(1, 1.0, 8, 0.3), runs.Look(2, 2.0, 16, 0.02)]
    second = [runs.Look(1, 3.0, 8, 0.1), runs.Look(2, 4.0, 16, 0.06)]
    found = runs.summary("easgd", 4, 0.1, [first, second])
    assert found.looks == [(1, 2.0, 8, pytest.approx(0.2)), (2, 3.0, 16, pytest.approx(0.04))]
    assert found.error == pytest.approx(0.04)
    assert found.spread == pytest.approx(0.02 * math.sqrt(2))
    assert found.errors == [0.02, 0.06]
    assert found.seconds_to_5_percent == 3.0
    alone = runs.summary("easgd", 4, 0.1, [[runs.Look(1, 1.0, 8, 0.3)]])
    assert alone.seconds_to_5_percent is None and alone.spread is None


def test_the_lead_is_that_of_the_same_seeds():
    def method(name, tau, *errors):
        return runs.summary(name, tau, 0.1, [[runs.Look(1, 1.0, 8, error)] for error in errors])

    # the seeds differ by far more than the methods
    methods = [
        method("eamsgd", 10, 0.02, 0.10, 0.30),
        method("downpour", 10, 0.9, 0.9, 0.9),
        method("downpour", 1, 0.03, 0.12, 0.33),
    ]
    lead = runs.ElasticComparison(COSTS, 8, 3, methods).lead()
    assert lead == (pytest.approx(0.02), pytest.approx(0.01))


def test_a_barrier_is_what_rises_above_the_straight_line():
    class Ridge:
        def loss(self, x):
            return float(2 * x[0] + 3 * (1 - (2 * x[0] - 1) ** 2))

    line = valleys.along(Ridge(), torch.tensor([0.0, 0.0]), torch.tensor([1.0, 1.0]))
    assert line.barrier == pytest.approx(3) and line.distance == pytest.approx(math.sqrt(2))


def test_the_simulated_side_learns_and_repeats_itself(monkeypatch):
    monkeypatch.setattr(real, "EPOCHS", 8)
    plan = real.ElasticPlan("eamsgd", 4, workers=4)
    first, again = (real._simulated("demo", 0, plan) for _ in range(2))
    assert first == again < 0.8
