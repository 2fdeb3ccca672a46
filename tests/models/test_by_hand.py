"""Back-propagation against the lecture's sums, one index at a time, and against autograd; the
perceptron."""

import pytest
import torch

from catseye.models.activations import ACTIVATIONS
from catseye.models.by_hand import descend, gradients, perceptron, propagate, squared_loss

X = torch.tensor([[1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]], dtype=torch.float64)
SMOOTH = ("softplus", "sigmoid", "tanh", "ReLU", "leaky ReLU", "noisy ReLU")


def three_layers(random):
    return [torch.randn(*shape, generator=random).double() for shape in ((4, 3), (3, 5), (5, 2))]


def lectures_gradients(x, y, w_ij, w_jk, w_kl, g):
    """dR/dw_ij, dR/dw_jk, dR/dw_kl of the three-layer net, written as the lecture writes them."""
    slopes = [torch.zeros_like(w) for w in (w_ij, w_jk, w_kl)]
    inputs, first, second, outputs = (*(len(w) for w in (w_ij, w_jk, w_kl)), w_kl.shape[1])
    for z_i, target in zip(x, y):
        a_j = torch.stack([sum(w_ij[i, j] * z_i[i] for i in range(inputs)) for j in range(first)])
        z_j = g.value(a_j)
        a_k = torch.stack([sum(w_jk[j, k] * z_j[j] for j in range(first)) for k in range(second)])
        z_k = g.value(a_k)
        a_l = torch.stack([sum(w_kl[k, m] * z_k[k] for k in range(second)) for m in range(outputs)])
        z_l = g.value(a_l)
        delta_l = [-(target[m] - z_l[m]) * g.derivative(a_l)[m] for m in range(outputs)]
        delta_k = [
            sum(delta_l[m] * w_kl[k, m] for m in range(outputs)) * g.derivative(a_k)[k]
            for k in range(second)
        ]
        delta_j = [
            sum(delta_k[k] * w_jk[j, k] for k in range(second)) * g.derivative(a_j)[j]
            for j in range(first)
        ]
        for slope, z, delta in zip(slopes, (z_i, z_j, z_k), (delta_j, delta_k, delta_l)):
            for a in range(len(z)):
                for b in range(len(delta)):
                    slope[a, b] += z[a] * delta[b] / len(x)
    return slopes


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softplus", "ReLU"])
def test_the_gradients_are_the_lectures_sums(name: str):
    random = torch.Generator().manual_seed(0)
    x, y = (torch.randn(6, size, generator=random).double() for size in (4, 2))
    weights, g = three_layers(random), ACTIVATIONS[name]
    for found, expected in zip(gradients(x, y, weights, g), lectures_gradients(x, y, *weights, g)):
        assert expected.abs().max() > 1e-3
        assert torch.allclose(found, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", SMOOTH)
def test_the_gradients_are_autograds(name: str):
    random = torch.Generator().manual_seed(1)
    x, y = (torch.randn(9, size, generator=random).double() for size in (4, 2))
    weights = three_layers(random)
    by_hand = gradients(x, y, weights, ACTIVATIONS[name])
    loss = squared_loss(x, y, [w.requires_grad_() for w in weights], ACTIVATIONS[name])
    for found, expected in zip(by_hand, torch.autograd.grad(loss, weights)):
        assert torch.allclose(found, expected, rtol=1e-12, atol=1e-13)


def test_the_loss_is_half_the_mean_square():
    weights = [torch.ones(1, 1).double()]
    x, y = torch.tensor([[1.0], [2.0]]).double(), torch.tensor([[3.0], [2.0]]).double()
    assert squared_loss(x, y, weights, ACTIVATIONS["ReLU"]).item() == (0.5 * 2**2 + 0.5 * 0**2) / 2


def test_many_nets_at_once_are_each_as_alone():
    random = torch.Generator().manual_seed(2)
    y = torch.tensor([[0], [1], [1], [0.0]]).double()
    weights = [torch.randn(3, *shape, generator=random).double() for shape in ((3, 2), (2, 1))]
    together = descend(X, y, weights, ACTIVATIONS["sigmoid"], rate=1.0, steps=5)
    for net in range(3):
        alone = descend(X, y, [w[net] for w in weights], ACTIVATIONS["sigmoid"], rate=1.0, steps=5)
        assert all(torch.allclose(a, b[net], atol=1e-14) for a, b in zip(alone, together))


def test_a_step_of_descent_is_the_lectures_update():
    y = torch.tensor([[0], [1], [1], [0.0]]).double()
    weights = [torch.randn(3, 1, generator=torch.Generator().manual_seed(0)).double()]
    (found,) = descend(X, y, weights, ACTIVATIONS["tanh"], rate=0.25, steps=1)
    assert torch.equal(found, weights[0] - 0.25 * gradients(X, y, weights, ACTIVATIONS["tanh"])[0])


@pytest.mark.parametrize("truth", [(0, 0, 0, 1), (0, 1, 1, 1), (1, 1, 0, 0)])
def test_the_perceptron_learns_what_a_line_separates(truth):
    run = perceptron(X, torch.tensor(truth).double(), sweeps=100)
    assert run.mistakes[-1] == 0 and not run.repeats
    assert ((X @ run.weights > 0).int().tolist()) == list(truth)


@pytest.mark.parametrize("truth", [(0, 1, 1, 0), (1, 0, 0, 1)])
def test_the_perceptron_goes_in_a_circle_on_xor(truth):
    run = perceptron(X, torch.tensor(truth).double(), sweeps=100)
    assert run.repeats and len(run.mistakes) == 100 and min(run.mistakes) > 0


def test_two_layers_learn_xor():
    y = torch.tensor([[0], [1], [1], [0.0]]).double()
    random = torch.Generator().manual_seed(0)
    weights = [torch.randn(*shape, generator=random).double() for shape in ((3, 4), (4, 1))]
    weights = descend(X, y, weights, ACTIVATIONS["sigmoid"], rate=2.0, steps=1500)
    assert (propagate(X, weights, ACTIVATIONS["sigmoid"]).z[-1] - y).abs().max() < 0.2
