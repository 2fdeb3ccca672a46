"""Gradients by layer against the chain rule written out, and what batch normalisation and skips
make of them."""

import json

import numpy as np
import pytest
import torch
from torch.nn.functional import one_hot

from catseye.__main__ import main
from catseye.training.analysis import gradients
from catseye.training.analysis.gradients import DeepNet, Kind, gradient_norms


@pytest.fixture
def digits():
    torch.manual_seed(0)
    return torch.rand(50, 1, 32, 32), torch.randint(10, (50,))


@torch.no_grad()
def norms_by_the_chain_rule(network: DeepNet, x, labels) -> list[float]:
    """Of a tanh net without cures: delta_l = (W_(l+1)^T delta_(l+1)) (1 - x_l^2), dE/dW_l = delta_l
    x_(l-1)^T."""
    outputs = [network.first(x.flatten(1))]
    for layer in network.layers:
        outputs.append(torch.tanh(outputs[-1] @ layer.weight.T + layer.bias))
    delta = (network.last(outputs[-1]).softmax(1) - one_hot(labels, 10)) / len(x)
    following, norms = network.last, []
    for layer, y, before in zip(
        reversed(network.layers), reversed(outputs), reversed(outputs[:-1])
    ):
        delta = delta @ following.weight * (1 - y**2)
        norms.insert(0, float((delta.T @ before).norm()))
        following = layer
    return norms


def test_norms_are_those_of_the_chain_rule(digits):
    network = DeepNet(Kind("tanh", norm=False, skips=False), depth=6)
    assert gradient_norms(network, *digits) == pytest.approx(
        norms_by_the_chain_rule(network, *digits), rel=1e-4
    )


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
def test_gradients_vanish_in_a_plain_net_and_not_past_skips(activation, digits):
    plain, skips, both = (
        gradient_norms(DeepNet(Kind(activation, norm, skip), 24), *digits)
        for norm, skip in ((False, False), (False, True), (True, True))
    )
    assert plain[0] < 1e-4 * plain[-1]
    assert skips[0] > 1e-3 * skips[-1]
    assert both[0] > 0.5 * both[-1]


def test_the_command_reports_every_net_and_draws(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(gradients, "DEPTH", 5)
    monkeypatch.setattr(gradients, "DIGITS", 300)
    picture = tmp_path / "gradients.png"
    assert (
        main(
            [
                "analyze",
                "gradients",
                "--data",
                "demo",
                "--seeds",
                "1",
                "--json",
                "--figure",
                str(picture),
            ]
        )
        == 0
    )
    answer = json.loads(capsys.readouterr().out)
    assert len(answer["kinds"]) == 12 and picture.stat().st_size > 0
    for row in answer["kinds"]:
        norms = np.array(row["norms"])
        assert (norms > 0).all() and 0 < row["accuracy"] < 1
        assert row["factor_per_layer"] == pytest.approx(
            (norms[0] / norms[-1]) ** (1 / (len(norms) - 1))
        )
