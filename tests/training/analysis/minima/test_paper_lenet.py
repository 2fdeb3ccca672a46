"""The paper's network has its size, and the study stops where it says."""

import json

import pytest
import torch

from catseye.__main__ import main
from catseye.models.lenet import LeNet
from catseye.training.analysis.minima import paper_lenet
from catseye.training.analysis.minima.paper_lenet import PaperLeNet


def test_it_has_the_papers_number_of_weights_and_sees_28_pixels():
    torch.manual_seed(0)
    network, x = PaperLeNet(), torch.rand(2, 1, 32, 32)
    assert sum(weight.numel() for weight in network.parameters()) == 47_658
    framed = x.clone()
    framed[:, :, :2], framed[:, :, -2:], framed[..., :2], framed[..., -2:] = 5, 6, 7, 8
    assert torch.equal(network(x), network(framed)) and network(x).shape == LeNet()(x).shape
    framed[:, :, 2, 2] = 9
    assert not torch.equal(network(x), network(framed))


def test_each_stop_has_a_row(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(paper_lenet, "STOPS", (0.8, 0.5))
    monkeypatch.setattr(paper_lenet, "DIGITS", 40)
    monkeypatch.setattr(paper_lenet, "STEPS", 12)
    monkeypatch.setattr(paper_lenet, "LOOK", 4)
    picture = tmp_path / "paper.png"
    arguments = ["--data", "demo", "--paper", "--json", "--figure", str(picture)]
    assert main(["analyze", "hessian", *arguments]) == 0
    first, second = json.loads(capsys.readouterr().out)["stops"]
    assert 0.5 < first["error"] <= 0.8 and 0 < second["error"] <= 0.5
    assert 0 < first["batches"] < second["batches"] and second["batches"] % 4 == 0
    assert first["loss"] > second["loss"]
    assert first["largest"] > 0 > first["most_negative"] and 0 < first["share_small"] <= 1
    assert picture.stat().st_size > 5_000


def test_an_error_that_is_not_reached_is_said(monkeypatch, capsys):
    monkeypatch.setattr(paper_lenet, "STOPS", (0.0,))
    monkeypatch.setattr(paper_lenet, "EPOCHS", 1)
    assert main(["analyze", "hessian", "--data", "demo", "--paper"]) == 2
    assert "0 % of val wrong after 1 epochs" in capsys.readouterr().err


@pytest.mark.parametrize("other", [["--units", "4"], ["--eigenvalues", "all.npz"]])
def test_what_belongs_to_other_networks_is_refused(other, capsys):
    assert main(["analyze", "hessian", "--data", "demo", "--paper", *other]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
