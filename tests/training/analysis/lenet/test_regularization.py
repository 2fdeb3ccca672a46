"""Dropout, pooling and the ablation: the exact cases, and the command on few demo digits."""

import json

import cv2
import numpy as np
import pytest
import torch

from catseye.__main__ import main
from catseye.models.lenet import LeNet
from catseye.training.analysis.lenet import regularization
from catseye.training.analysis.lenet.ablation import ablation
from catseye.training.analysis.lenet.regularization import (
    every_mask_error,
    mean_of_thinned,
    share_kept,
    shifts_kept,
)


@pytest.fixture
def few_nets(monkeypatch):
    monkeypatch.setattr(regularization, "NETS", 200)


def test_the_study_on_demo_digits(few_nets, capsys, tmp_path):
    picture = tmp_path / "study.png"
    options = [
        "--digits",
        "128",
        "--epochs",
        "1",
        "--seeds",
        "2",
        "--only",
        "LeNet",
        "--only",
        "global pooling",
    ]
    assert (
        main(
            [
                "analyze",
                "regularization",
                "--data",
                "demo",
                *options,
                "--json",
                "--figure",
                str(picture),
            ]
        )
        == 0
    )
    captured = capsys.readouterr()
    answer = json.loads(captured.out)
    assert [row["parameters"] for row in answer["ablation"]] == [21_328, 780]
    for row in answer["ablation"]:
        assert row["val"] == pytest.approx(np.mean(row["runs"])) and row["spread"] == pytest.approx(
            np.std(row["runs"], ddof=1)
        )
    dropout = answer["dropout"]
    assert dropout["agreement"] > 0.85 and dropout["whole_accuracy"] > dropout["thinned_accuracy"]
    assert dropout["linear_distance"][-1] < 0.12 < dropout["logit_distance"][-1]
    assert cv2.imread(str(picture)) is not None and "global pooling" in captured.err


def test_the_mean_of_linear_nets_is_the_whole_net(few_nets):
    """Without the ReLU's kink the logits come as near as the sums: 1 / sqrt(k)."""
    torch.manual_seed(0)
    network, images = LeNet().eval(), torch.rand(20, 1, 32, 32)
    network.classify[1].bias.data.add_(1000)  # every hidden unit stays open
    found = mean_of_thinned(network, images, torch.zeros(20).long())
    assert found.logit_distance[-1] < 0.1 * found.logit_distance[0]
    assert found.agreement == 1


@pytest.mark.parametrize("keep", [0.3, 0.5, 0.9])
def test_every_mask_of_a_linear_unit(keep):
    assert every_mask_error(keep) < 1e-14


def test_shifts_that_pooling_does_not_notice():
    assert shifts_kept(2).tolist() == [[3, 3], [3, 3]]
    assert shifts_kept(3).tolist() == [[3, 5, 3], [5, 8, 5], [3, 5, 3]]


def test_a_flat_map_does_not_notice_any_shift():
    network = LeNet().eval()
    network.features[0].weight.data.zero_()
    network.features[0].bias.data.fill_(1)
    assert share_kept(network, torch.rand(2, 1, 32, 32), 2) == 1


def test_an_ablation_repeats_and_differs_by_seed():
    first, again = (ablation("demo", 192, 2, 2, ["no dropout"])[0] for _ in range(2))
    assert first == again and len(set(first.runs)) == 2
    assert first.train > 0.2  # three batches twice over: above chance


def test_an_unknown_network_is_one_line(capsys):
    assert main(["analyze", "regularization", "--data", "demo", "--only", "nosuch"]) == 2
    assert "LeNet" in capsys.readouterr().err.splitlines()[-1]
