"""The lecture's network, layer by layer, and its dropout in training and in use."""

import torch
from torch import nn

from catseye.models.lenet import LeNet, LeNetConfig


def shapes_at_every_stage(network: LeNet) -> list[tuple[str, tuple[int, ...]]]:
    shapes = []

    def note(layer: nn.Module, _: object, output: torch.Tensor) -> None:
        shapes.append((type(layer).__name__, tuple(output.shape)))

    for layer in [*network.features, *network.classify]:
        layer.register_forward_hook(note)
    network(torch.zeros(3, 1, 32, 32))
    return shapes


def test_it_has_the_lectures_parameters():
    assert sum(p.numel() for p in LeNet().parameters()) == 21_328


def test_its_stages_are_the_lectures():
    assert shapes_at_every_stage(LeNet()) == [
        ("Conv2d", (3, 4, 28, 28)),
        ("ReLU", (3, 4, 28, 28)),
        ("MaxPool2d", (3, 4, 14, 14)),
        ("Conv2d", (3, 6, 10, 10)),
        ("ReLU", (3, 6, 10, 10)),
        ("MaxPool2d", (3, 6, 5, 5)),
        ("Flatten", (3, 150)),
        ("Dropout", (3, 150)),
        ("Linear", (3, 128)),
        ("ReLU", (3, 128)),
        ("Linear", (3, 10)),
    ]


def test_dropout_is_the_lectures_by_default():
    assert LeNetConfig().dropout == 0.5
    assert LeNet().classify[0].p == 0.5


def test_dropout_drops_half_of_the_features_in_training_and_scales_the_rest():
    torch.manual_seed(0)
    dropout = LeNet().train().classify[0]
    dropped = dropout(torch.ones(1000, 150))
    # kept units are divided by 1 - p: the mean stays
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert abs(dropped.mean().item() - 1) < 0.02


def test_dropout_does_nothing_in_use():
    torch.manual_seed(0)
    network, digits = LeNet(), torch.rand(5, 1, 32, 32)
    assert not torch.equal(network.train()(digits), network(digits))
    assert torch.equal(network.eval()(digits), network(digits))
    flat = network.features(digits)
    by_hand = network.classify[3](network.classify[1](flat).relu())
    assert torch.equal(network(digits), by_hand)
