"""Receptive fields by gradients, gradients of shared weights, and the command."""

import json

import cv2
import torch
from torch import nn

from catseye.__main__ import main
from catseye.models.lenet import LeNet
from catseye.training.analysis.lenet.receptive_fields import (
    lenet_fields,
    retina_reaches,
    strongest_other_input,
)


def test_the_study_on_a_demo_digit(capsys, tmp_path):
    picture = tmp_path / "study.png"
    assert (
        main(["analyze", "convolution", "--data", "demo", "--json", "--figure", str(picture)]) == 0
    )
    captured = capsys.readouterr()
    answer = json.loads(captured.out)
    assert answer["receptive_widths"] == [3, 5, 7, 9, 11]
    assert answer["change_outside_the_field"] == 0 and answer["shift_error"] < 1e-12
    assert answer["lenet_fields"] == {
        "convolution 1": 5,
        "pooling 1": 6,
        "convolution 2": 14,
        "pooling 2": 16,
    }
    assert answer["shared_gradient_error"] < 1e-10 and answer["lenet_error"] < 1e-12
    assert answer["flip"]["1d"]["turned"] < 1e-12 < 0.1 < answer["flip"]["1d"]["as it stands"]
    assert answer["flip"]["2d"]["turned"] < 1e-12 < 0.1 < answer["flip"]["2d"]["as it stands"]
    assert answer["first_layer_parameters"] == {
        "shared": 104,
        "own for every position": 81_536,
        "fully connected": 3_214_400,
    }
    assert answer["multiplies"]["counted"] == answer["multiplies"]["formula"]
    assert cv2.imread(str(picture)) is not None and "78400" in captured.err


def test_a_reach_is_centred_and_whole():
    for layer, reach in enumerate(retina_reaches(), 1):
        seen = (reach > 0).nonzero()[0]
        assert list(seen) == list(range(10 - layer, 11 + layer))


def test_fields_follow_the_filters():
    network = LeNet().eval()
    network.features[0] = nn.Conv2d(1, 4, 3, padding=1)
    network.features[3] = nn.Conv2d(4, 6, 3, padding=1)
    fields = lenet_fields(network.double())
    assert list(fields.values()) == [3, 4, 8, 10]


def test_nothing_excites_a_filter_like_itself():
    torch.manual_seed(0)
    assert 0.2 < strongest_other_input(LeNet().double()) < 1
