"""`catseye train`: the options of one task, and the words where they do not fit."""

import json

import pytest

from catseye.__main__ import main
from catseye.training import sparse


@pytest.mark.parametrize(
    "option", [["--hold-out", "0006R0"], ["--atoms", "9"], ["--iterations", "1"], ["--alpha", "1"], ["--units", "9"],
               ["--rho", "0.1"], ["--beta", "0"], ["--linear"]]
)
def test_an_option_of_another_task_is_refused(option, capsys):
    assert main(["train", "digits", "--data", "demo", *option]) == 2
    assert option[0] in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--atoms", "0"], ["--alpha", "-1"], ["--iterations", "many"]])
def test_a_number_that_cannot_be_is_refused(option, capsys):
    assert main(["train", "sparse", "--data", "demo", *option]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("option", [["--rho", "1"], ["--rho", "0"], ["--beta", "-1"], ["--linear"],
                                    ["--linear", "--beta", "0.1"]])
def test_an_autoencoder_that_cannot_be_is_refused(option, capsys):
    assert main(["train", "autoencoder", "--data", "demo", *option]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_coder_of_the_size_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(sparse, "DICTIONARY_STEPS", 5)
    monkeypatch.setattr(sparse, "DEMO_PATCHES", 512)
    monkeypatch.setattr(sparse, "DEMO_VALIDATION_PATCHES", 200)
    choice = ["--atoms", "20", "--iterations", "2", "--alpha", "0.3", "--epochs", "1", "--out", str(tmp_path)]
    assert main(["train", "sparse", "--data", "demo", *choice]) == 0
    config = json.loads((tmp_path / "meta.json").read_text())["config"]
    assert (config["atoms"], config["iterations"], config["alpha"]) == (20, 2, 0.3)


@pytest.mark.parametrize("resume", [[], ["--resume"]])
def test_a_checkpoint_is_never_overwritten(resume, tmp_path, capsys):
    (tmp_path / "model.pt").write_bytes(b"precious")
    assert main(["train", "sparse", "--data", "demo", "--out", str(tmp_path), *resume]) == 2
    assert "name another --out" in capsys.readouterr().err
    assert (tmp_path / "model.pt").read_bytes() == b"precious"
