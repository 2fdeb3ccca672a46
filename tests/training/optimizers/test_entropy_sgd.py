"""Algorithm 1 of Entropy-SGD against a plain transcription, a gradient known in closed form, and
its limits."""

import copy
import math

import numpy as np
import pytest
import torch

from catseye.training.optimizers.entropy_sgd import EntropySGD

TERMS = dict(
    lr=2.0,
    inner_lr=0.05,
    gamma0=0.3,
    gamma1=0.1,
    inner_steps=4,
    momentum=0.8,
    outer_momentum=0.7,
    alpha=0.6,
    noise=0.5,
    seed=7,
)


def valleys(weights, batch):
    """A loss with many valleys, another one for each mini-batch: over (3,) and (2, 2) weights."""
    first, second = weights
    return (torch.cos(3 * first) + (first - batch).square()).sum() + (
        first.sum() * second
    ).square().sum()


def two_weights():
    random = torch.Generator().manual_seed(1)
    shapes = (3,), (2, 2)
    return [
        torch.randn(shape, generator=random, dtype=torch.float64, requires_grad=True)
        for shape in shapes
    ]


def closure_over(weights, batches, optimizer):
    def closure():
        optimizer.zero_grad()
        loss = valleys(weights, next(batches))
        loss.backward()
        return float(loss.detach())

    return closure


def algorithm_1(x, outer_velocity, gradient, t, terms):
    """One outer update in the paper's words, with an outer momentum; x and its velocity are lists
    of numbers, `gradient` takes x' as one and draws a batch. Returns both."""
    gamma = terms["gamma0"] * (1 + terms["gamma1"]) ** t
    noise = torch.Generator().manual_seed(terms["seed"] * 1_000_000_007 + t)
    x_prime, mu, velocity = list(x), list(x), [0.0] * len(x)
    for _ in range(terms["inner_steps"]):
        slope = gradient(x_prime)
        normal = [
            float(value)
            for shape in ((3,), (2, 2))
            for value in torch.empty(shape, dtype=torch.float64).normal_(generator=noise).flatten()
        ]
        for i in range(len(x)):
            dx = slope[i] + terms["weight_decay"] * x_prime[i] - gamma * (x[i] - x_prime[i])
            velocity[i] = terms["momentum"] * velocity[i] + dx
            descent = dx + terms["momentum"] * velocity[i]
            x_prime[i] = x_prime[i] - terms["inner_lr"] * descent
            x_prime[i] += math.sqrt(terms["inner_lr"]) * terms["noise"] * normal[i]
            mu[i] = (1 - terms["alpha"]) * mu[i] + terms["alpha"] * x_prime[i]
    new, velocities, friction = [], [], terms["outer_momentum"]
    for i in range(len(x)):
        gradient_of_entropy = gamma * (x[i] - mu[i])
        velocities.append(friction * outer_velocity[i] + (x[i] - mu[i]))
        descent = gradient_of_entropy + friction * gamma * velocities[i]
        new.append(x[i] - terms["lr"] * descent)
    return new, velocities


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
@pytest.mark.parametrize("outer_momentum", [0.0, 0.7])
def test_it_is_algorithm_1_step_by_step(weight_decay, outer_momentum):
    weights, batches = two_weights(), torch.linspace(-1, 1, 24, dtype=torch.float64)
    terms = TERMS | {"weight_decay": weight_decay, "outer_momentum": outer_momentum}
    optimizer = EntropySGD(weights, **terms)
    closure, drawn = closure_over(weights, iter(batches), optimizer), iter(batches)

    def gradient(x_prime):
        at = torch.tensor(x_prime, dtype=torch.float64)
        parts = [part.requires_grad_() for part in (at[:3].clone(), at[3:].reshape(2, 2).clone())]
        return torch.cat(
            [g.flatten() for g in torch.autograd.grad(valleys(parts, next(drawn)), parts)]
        ).tolist()

    x = torch.cat([w.detach().flatten() for w in weights]).tolist()
    velocity = [0.0] * len(x)
    for t in range(6):
        optimizer.step(closure)
        x, velocity = algorithm_1(x, velocity, gradient, t, terms)
        assert torch.cat([w.detach().flatten() for w in weights]).tolist() == pytest.approx(
            x, rel=1e-12
        )


def estimated_gradient(x, gradient, gamma, **terms):
    """What one outer update takes for -grad F(x, gamma)."""
    weight = x.clone().requires_grad_()
    optimizer = EntropySGD([weight], lr=1 / gamma, gamma0=gamma, **terms)

    def closure():
        weight.grad = gradient(weight.detach())
        return 0.0

    optimizer.step(closure)
    return (x - weight.detach()) * gamma


@pytest.mark.parametrize("gamma", [0.1, 1.0, 20.0])
def test_the_gradient_on_a_quadratic_is_the_one_in_closed_form(gamma):
    """f = 1/2 (x - c)^T A (x - c): <x'> = (A + gamma I)^-1 (A c + gamma x); -grad F = gamma (x -
    <x'>)."""
    random = np.random.default_rng(0)
    root = random.normal(size=(5, 5))
    a, c, x = (
        torch.from_numpy(part)
        for part in (root @ root.T, random.normal(size=5), random.normal(size=5))
    )
    truth = gamma * (
        x - torch.linalg.solve(a + gamma * torch.eye(5, dtype=torch.float64), a @ c + gamma * x)
    )
    terms = dict(
        inner_lr=0.2 / (float(torch.linalg.matrix_norm(a, 2)) + gamma), inner_steps=4000, noise=0.0
    )
    assert torch.allclose(
        estimated_gradient(x, lambda at: a @ (at - c), gamma, **terms), truth, rtol=1e-6
    )


def test_at_noise_sqrt_2_the_inner_loop_samples_the_gibbs_distribution():
    """Two valleys in 20,000 independent copies: the mean of gamma (x - mu) is that of the Gibbs
    distribution."""
    gamma, x0 = 1.0, 0.3

    def slope(at):  # f = (x'^2 - 1)^2 + x' / 2
        return 4 * at * (at.square() - 1) + 0.5

    grid = np.linspace(-5, 5, 20001)
    density = np.exp(-((grid**2 - 1) ** 2 + grid / 2) - gamma / 2 * (x0 - grid) ** 2)
    truth = gamma * (x0 - (grid * density).sum() / density.sum())
    x = torch.full((20_000,), x0, dtype=torch.float64)
    terms = dict(inner_lr=0.01, inner_steps=800, noise=math.sqrt(2), momentum=0.0)
    estimates = estimated_gradient(x, slope, gamma, **terms)
    # 4 standard errors, and the step's bias
    assert float(estimates.mean()) == pytest.approx(truth, abs=0.03)


@pytest.mark.parametrize("inner_steps", [1, 6])
def test_as_gamma_grows_it_is_sgd(inner_steps):
    """eta' = 1 / gamma, epsilon = 0, no momentum: x - eta sum_l w_l grad f(x; xi_l), w_l = alpha (1
    - alpha)^(L - l).

    The error is 0 for L = 1 and O(1 / gamma) else; the w_l sum to 1 - (1 - alpha)^L.
    """
    alpha, eta, batches = 0.75, 0.1, torch.linspace(-1, 1, inner_steps, dtype=torch.float64)
    weights = two_weights()
    slopes = [torch.autograd.grad(valleys(weights, batch), weights[0])[0] for batch in batches]
    shares = [alpha * (1 - alpha) ** (inner_steps - step) for step in range(1, inner_steps + 1)]
    sgd = weights[0].detach() - eta * sum(share * slope for share, slope in zip(shares, slopes))
    errors = []
    for gamma in (1e3, 1e5, 1e7):
        mine = copy.deepcopy(weights)
        terms = dict(lr=eta, inner_lr=1 / gamma, gamma0=gamma, inner_steps=inner_steps, alpha=alpha)
        optimizer = EntropySGD(mine, momentum=0.0, noise=0.0, **terms)
        optimizer.step(closure_over(mine, iter(batches), optimizer))
        errors.append(float((mine[0].detach() - sgd).abs().max()))
    assert sum(shares) == pytest.approx(1 - (1 - alpha) ** inner_steps)
    if inner_steps == 1:
        assert max(errors) < 1e-8
    else:
        assert errors[0] > 50 * errors[1] > 2500 * errors[2] > 0


@pytest.mark.parametrize("is_old", [False, True])
def test_a_run_resumed_from_its_state_is_the_unbroken_one_to_the_bit(is_old):
    """old: of a checkpoint that knows no outer momentum."""

    def run(weights, optimizer, steps, batch):
        closure = closure_over(
            weights, iter(torch.linspace(batch, 1, 99, dtype=torch.float64)), optimizer
        )
        return [optimizer.step(closure) for _ in range(steps)]

    whole = two_weights()
    optimizer = EntropySGD(whole, **TERMS | ({"outer_momentum": 0.0} if is_old else {}))
    run(whole, optimizer, 3, -1)
    broken, state = copy.deepcopy(whole), copy.deepcopy(optimizer.state_dict())
    if is_old:
        state["param_groups"][0].pop("outer_momentum")
    losses = run(whole, optimizer, 3, 0)
    other = EntropySGD(broken, lr=1, inner_lr=1, gamma0=1, seed=3)
    other.load_state_dict(state)
    assert run(broken, other, 3, 0) == losses
    assert all(torch.equal(a, b) for a, b in zip(whole, broken))


def test_noise_differs_between_seeds_and_between_updates_and_is_the_same_in_every_run():
    def walk(seed):
        weight = torch.zeros(4, requires_grad=True)
        optimizer = EntropySGD([weight], lr=1.0, inner_lr=0.1, gamma0=1.0, noise=1.0, seed=seed)
        weight.grad = torch.zeros(4)
        moves = []
        for _ in range(2):
            before = weight.detach().clone()
            optimizer.step(lambda: 0.0)
            moves.append(weight.detach() - before)
        return moves

    (first, second), again, other = walk(0), walk(0), walk(1)
    assert torch.equal(first, again[0]) and torch.equal(second, again[1])
    assert not torch.equal(first, other[0]) and not torch.equal(first, second)


def test_a_weight_without_a_gradient_stays_where_it_is():
    weight, idle = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    optimizer = EntropySGD([weight, idle], lr=1.0, inner_lr=0.1, gamma0=1.0, noise=0.0)
    weight.grad = torch.ones(2)
    optimizer.step(lambda: 0.0)
    assert torch.equal(idle, torch.ones(2)) and (weight < 1).all()


@pytest.mark.parametrize("name", ["lr", "inner_lr", "gamma0", "inner_steps", "alpha"])
def test_a_number_that_cannot_be_is_refused(name):
    with pytest.raises(ValueError, match=name):
        EntropySGD([torch.ones(1, requires_grad=True)], **{**TERMS, name: 0})
