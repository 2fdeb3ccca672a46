"""SOAP against Adam: the same for a vector, far ahead on a regression whose inputs are correlated,
and resumable."""

import copy

import torch
from torch import nn

from catseye.training.optimizers.soap import BETAS, Soap


def _problem() -> tuple[nn.Linear, torch.Tensor, torch.Tensor]:
    """Inputs whose variances span six decades, mixed by a rotation; targets of a linear map."""
    random = torch.Generator().manual_seed(0)
    rotation = torch.linalg.qr(torch.randn(12, 12, generator=random))[0]
    x = torch.randn(400, 12, generator=random) * torch.logspace(0, -3, 12) @ rotation
    truth = torch.randn(12, 5, generator=random)
    torch.manual_seed(0)
    return nn.Linear(12, 5, bias=False), x, x @ truth


def _loss_after(optimizer_of, steps: int) -> float:
    network, x, y = _problem()
    optimizer = optimizer_of(network.parameters())
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = 0.1 * (1 - step / steps)
        optimizer.zero_grad()
        (network(x) - y).square().mean().backward()
        optimizer.step()
    return float((network(x) - y).square().mean().detach())


def test_a_vector_takes_adams_steps():
    ours, theirs = (nn.Parameter(torch.tensor([3.0, -1.0, 0.5])) for _ in range(2))
    soap, adam = Soap([ours], 0.1), torch.optim.Adam([theirs], 0.1, BETAS, eps=1e-12)
    for _ in range(9):
        for weight, optimizer in ((ours, soap), (theirs, adam)):
            optimizer.zero_grad()
            (weight**4).sum().backward()
            optimizer.step()
    assert torch.allclose(ours, theirs, atol=1e-5)


def test_a_filter_takes_the_steps_of_its_row():
    torch.manual_seed(0)
    filters = nn.Parameter(torch.randn(4, 2, 3, 3))
    rows = nn.Parameter(filters.detach().flatten(1).clone())
    target = torch.randn(4, 18)
    ours, theirs = Soap([filters], 0.1), Soap([rows], 0.1)
    for _ in range(25):  # past a turn of the bases
        for weight, optimizer in ((filters, ours), (rows, theirs)):
            optimizer.zero_grad()
            (weight.flatten(1) - target).pow(4).mean().backward()
            optimizer.step()
    assert torch.equal(filters.flatten(1), rows)


def test_correlated_inputs_do_not_hold_it_up():
    soap = _loss_after(lambda weights: Soap(weights, 0.1), 300)
    adam = _loss_after(lambda weights: torch.optim.Adam(weights, 0.1, BETAS), 300)
    assert soap < 0.2 * adam


def test_it_goes_on_from_its_state():
    network, x, y = _problem()
    twin = copy.deepcopy(network)
    whole = Soap(network.parameters(), 0.01)

    def steps(network, optimizer, number):
        for _ in range(number):
            optimizer.zero_grad()
            (network(x) - y).square().mean().backward()
            optimizer.step()

    steps(network, whole, 30)
    first = Soap(twin.parameters(), 0.01)
    steps(twin, first, 15)
    second = Soap(twin.parameters(), 0.01)
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    steps(twin, second, 15)
    assert torch.equal(network.weight, twin.weight)
