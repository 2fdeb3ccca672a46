"""What units of convolutional layers see, measured by gradients: the lecture's retina, and
LeNet."""

from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import conv1d

from catseye.models.lenet import LeNet
from catseye.runtime.tasks.digit_form import SIDE

# inputs of a unit, layers on top of each other, units of the layer below them all
WIDTH, LAYERS, RETINA = 3, 5, 21
MIDDLE = RETINA // 2
PROBES = 300  # random inputs: max-pooling shows its gradient to one input of a window at a time
PATCHES = 10_000


def retina_reaches() -> list[np.ndarray]:
    """(RETINA,) for each of LAYERS layers: |d middle unit / d retina|."""
    random = torch.Generator().manual_seed(0)
    retina = torch.randn(1, 1, RETINA, generator=random).double().requires_grad_()
    layer: Tensor = retina
    reaches = []
    for _ in range(LAYERS):
        layer = conv1d(
            layer, torch.randn(1, 1, WIDTH, generator=random).double(), padding=WIDTH // 2
        ).tanh()
        slope = torch.autograd.grad(layer[0, 0, MIDDLE], retina, retain_graph=True)[0]
        reaches.append(slope[0, 0].abs().numpy())
    return reaches


def change_outside_the_field() -> float:
    """How much a unit two layers up moves when all of the retina outside its field of 5 is replaced
    by noise."""
    random = torch.Generator().manual_seed(0)
    first, second = torch.randn(2, 1, 1, WIDTH, generator=random).double()
    retina, noise = torch.randn(2, 1, 1, RETINA, generator=random).double()
    field = slice(MIDDLE - 2, MIDDLE + 3)
    noise[..., field] = retina[..., field]
    one, other = (conv1d(conv1d(x, first).tanh(), second) for x in (retina, noise))
    return float((one - other)[..., MIDDLE - 2].abs().max())


def lenet_fields(network: LeNet) -> dict[str, int]:
    """Side of the field of the middle unit of each stage, over PROBES random inputs; `network` in
    float64."""
    x = (
        torch.randn(PROBES, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
        .double()
        .requires_grad_()
    )
    fields: dict[str, int] = {}
    out: Tensor = x
    for layer in network.features:
        out = layer(out)
        if isinstance(layer, nn.Conv2d | nn.MaxPool2d):
            middle = out.shape[-1] // 2
            slope = torch.autograd.grad(out[:, :, middle, middle].sum(), x, retain_graph=True)[0]
            name = "convolution" if isinstance(layer, nn.Conv2d) else "pooling"
            fields[f"{name} {len(fields) // 2 + 1}"] = int((slope.abs().sum((0, 1, 2)) > 0).sum())
    return fields


def shift_error(network: LeNet, digit: Tensor) -> float:
    """Largest difference between the maps of a digit moved by a pixel and its maps moved by a
    pixel, borders aside."""
    first = network.features[0]
    with torch.no_grad():
        return float(
            (first(digit.roll((1, 1), (2, 3)))[..., 1:, 1:] - first(digit)[..., :-1, :-1])
            .abs()
            .max()
        )


def strongest_other_input(network: LeNet) -> float:
    """The best response of a first-layer filter to PATCHES random patches of norm 1, over that to
    its own pattern.

    By Cauchy and Schwarz the pattern of norm 1 that a unit answers most to is its own filter, zero
    outside its field.
    """
    filters = cast(nn.Conv2d, network.features[0]).weight.detach().flatten(1)
    patches = torch.randn(
        PATCHES, filters.shape[1], generator=torch.Generator().manual_seed(0)
    ).double()
    responses = patches / patches.norm(dim=1, keepdim=True) @ filters.T
    return float((responses.amax(0) / filters.norm(dim=1)).max())
