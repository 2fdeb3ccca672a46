"""The study of back-propagation: what it finds, and that a wrong delta would be seen."""

import json

import cv2
import pytest
import torch

from catseye.__main__ import main
from catseye.models.activations import ACTIVATIONS
from catseye.training.analysis import backpropagation
from catseye.training.analysis.backpropagation import (
    Switch,
    error_against_autograd,
    fit_error,
    relu_switch,
)


def test_the_study_on_demo_digits(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(backpropagation, "STARTS", 5)
    monkeypatch.setattr(backpropagation, "STEPS", 1000)
    backpropagation.xor_nets.cache_clear()
    picture = tmp_path / "study.png"
    assert (
        main(["analyze", "backpropagation", "--data", "demo", "--json", "--figure", str(picture)])
        == 0
    )
    backpropagation.xor_nets.cache_clear()
    answer = json.loads(capsys.readouterr().out)
    assert answer["perceptron"]["AND"]["converged"] and not answer["perceptron"]["XOR"]["converged"]
    assert (
        answer["perceptron"]["XOR"]["weights_repeat"]
        and not answer["perceptron"]["AND"]["weights_repeat"]
    )
    assert answer["xor_solved_by_hidden_units"]["8"] == 1.0
    assert max(answer["error_against_autograd"].values()) < 1e-12
    assert cv2.imread(str(picture)) is not None


def test_a_wrong_derivative_is_seen():
    wrong = ACTIVATIONS["tanh"]._replace(derivative=ACTIVATIONS["sigmoid"].derivative)
    assert error_against_autograd(wrong) > 0.01


@pytest.mark.parametrize("layer", [1, 2, 3])
def test_relu_passes_the_gradient_or_kills_it(layer):
    found = relu_switch("demo")[f"ReLU {layer}"]
    assert found.passed_unchanged and found.killed and 0.05 < found.open < 0.95


def test_a_leaky_relu_is_no_switch():
    before = torch.tensor([-1.0, 2.0], requires_grad=True)
    torch.nn.functional.leaky_relu(before).sum().backward()
    assert backpropagation._switch(before, torch.ones(2)) == Switch(
        open=0.5, passed_unchanged=True, killed=False
    )


def test_more_hidden_units_come_closer():
    errors = [fit_error(width) for width in (2, 8, 32)]
    assert errors[0] > 1 > errors[1] > 0.1 > 1e-3 > errors[2]
