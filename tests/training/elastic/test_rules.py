"""The rules and their simulation against the paper's algorithms, written down as they are printed,
in float64."""

import numpy as np
import pytest
import torch

from catseye.training.elastic.rules import NAMES, Downpour, Elastic, rule_from_name
from catseye.training.elastic.simulation import asynchronous, order_of_events, synchronous

WORKERS, SIZE = 3, 4
ETA, ALPHA, DELTA = 0.05, 0.3, 0.9
START = np.random.default_rng(0).normal(size=SIZE)
# some workers are faster than others
ORDER = [int(k) for k in np.random.default_rng(1).integers(WORKERS, size=60)]


def gradients():
    """g(x) = A x - noise, for each worker its own noise in its own order."""
    slopes = np.diag([0.5, 1.0, 2.0, 4.0]) + 0.1

    def gradient_of(worker):
        random = np.random.default_rng(worker)
        return lambda x: slopes @ x - random.normal(size=SIZE)

    return [gradient_of(worker) for worker in range(WORKERS)]


def tensor_gradients():
    return [lambda x, g=g: torch.from_numpy(g(x.numpy())) for g in gradients()]


def elastic_algorithm(order, tau, alpha, delta):
    """Algorithm 1 (delta = 0) and 2: the places of center and workers in the end."""
    g, center = gradients(), START.copy()
    x, v, t = ([START.copy() for _ in g], [np.zeros(SIZE) for _ in g], [0 for _ in g])
    for i in order:
        here = x[i].copy()
        if t[i] % tau == 0:
            x[i] = x[i] - alpha * (here - center)
            center = center + alpha * (here - center)
        v[i] = delta * v[i] - ETA * g[i](here + delta * v[i])
        x[i] = x[i] + v[i]
        t[i] = t[i] + 1
    return center, x


def downpour_algorithm(order, tau):
    """Algorithm 3."""
    g, center = gradients(), START.copy()
    x, v, t = ([START.copy() for _ in g], [np.zeros(SIZE) for _ in g], [0 for _ in g])
    for i in order:
        if t[i] % tau == 0:
            center = center + v[i]
            x[i] = center.copy()
            v[i] = np.zeros(SIZE)
        change = -ETA * g[i](x[i])
        x[i], v[i], t[i] = x[i] + change, v[i] + change, t[i] + 1
    return center, x


def assert_same(moment, center, x):
    np.testing.assert_allclose(moment.center.numpy(), center, rtol=1e-12)
    np.testing.assert_allclose([worker.x.numpy() for worker in moment.workers], x, rtol=1e-12)


@pytest.mark.parametrize("tau", [1, 4, 100])
@pytest.mark.parametrize("delta", [0.0, DELTA])
def test_asynchronous_is_the_paper_s_algorithm(tau, delta):
    *_, end = asynchronous(
        Elastic(ALPHA, delta), tau, torch.from_numpy(START), tensor_gradients(), ORDER, ETA
    )
    assert_same(end, *elastic_algorithm(ORDER, tau, ALPHA, delta))
    taken = [ORDER.count(worker) for worker in range(WORKERS)]
    assert end.exchanges == sum(-(-steps // tau) for steps in taken)


@pytest.mark.parametrize("tau", [1, 4])
def test_downpour_is_the_paper_s_algorithm(tau):
    *_, end = asynchronous(Downpour(), tau, torch.from_numpy(START), tensor_gradients(), ORDER, ETA)
    assert_same(end, *downpour_algorithm(ORDER, tau))


def test_synchronous_is_the_paper_s_equations():
    """x^i' = x^i - eta g(x^i) - alpha (x^i - center), center' = center + alpha sum_i (x^i -
    center)."""
    *_, end = synchronous(Elastic(ALPHA), 1, torch.from_numpy(START), tensor_gradients(), 30, ETA)
    g, x, center = gradients(), np.tile(START, (WORKERS, 1)), START
    for _ in range(30):
        pulls = ALPHA * (x - center)
        x = np.stack([x[i] - ETA * g[i](x[i]) - pulls[i] for i in range(WORKERS)])
        center = center + pulls.sum(0)
    assert_same(end, center, x)


def test_between_exchanges_the_synchronous_form_steps_alone():
    *_, few = synchronous(
        Elastic(ALPHA, DELTA), 4, torch.from_numpy(START), tensor_gradients(), 4, ETA
    )
    *_, none = synchronous(
        Elastic(0.0, DELTA), 1, torch.from_numpy(START), tensor_gradients(), 4, ETA
    )
    assert few.exchanges == WORKERS  # the first, when all are still where they began
    assert_same(few, START, [worker.x.numpy() for worker in none.workers])


def test_without_force_each_worker_is_sgd_of_its_own():
    *_, end = asynchronous(
        Elastic(0.0, DELTA), 2, torch.from_numpy(START), tensor_gradients(), ORDER, ETA
    )
    assert np.array_equal(end.center.numpy(), START)
    for worker, gradient in enumerate(tensor_gradients()):
        weights = torch.from_numpy(START).clone().requires_grad_()
        sgd = torch.optim.SGD([weights], lr=ETA, momentum=DELTA, nesterov=True)
        for _ in range(ORDER.count(worker)):
            weights.grad = gradient(weights.detach())
            sgd.step()
        # torch's is Nesterov's momentum at the point that looks ahead: w = x + delta v
        looked = end.workers[worker].x + DELTA * end.workers[worker].v
        assert torch.allclose(weights.detach(), looked, rtol=1e-12)


def test_alpha_is_beta_over_workers():
    assert [type(rule_from_name(name, 4)) for name in NAMES] == [Elastic, Elastic, Downpour]
    assert (
        rule_from_name("easgd", 4, 0.8) == Elastic(0.2, 0.0)
        and rule_from_name("eamsgd", 4).momentum == 0.9
    )


def test_the_center_serves_one_worker_after_the_other():
    """Without spread: all four ask at once, so the k-th waits for k exchanges; after that nobody
    meets another."""
    events = order_of_events(workers=4, steps=2, tau=1, step_s=10.0, exchange_s=1.0, spread=0.0)
    assert [(event.worker, event.time_s) for event in events] == [
        (0, 11.0),
        (1, 12.0),
        (2, 13.0),
        (3, 14.0),
        (0, 22.0),
        (1, 23.0),
        (2, 24.0),
        (3, 25.0),
    ]
    busy = order_of_events(workers=4, steps=50, tau=1, step_s=1.0, exchange_s=1.0, spread=0.0)
    # the center is what they wait for
    assert max(event.time_s for event in busy) == pytest.approx(4 * 50 + 1)
