"""The study of the shipped digits network: its report, its file of eigenvalues, its figure."""

import json

import numpy as np
import pytest
from torch.nn.utils import parameters_to_vector

from catseye.__main__ import main
from catseye.training.analysis.minima import hessian


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(hessian, "DIGITS", 40)
    monkeypatch.setattr(hessian, "STEPS", 15)
    monkeypatch.setattr(hessian, "GRADIENTS", 3)


def test_the_estimate_alone(few, tmp_path, capsys):
    picture = tmp_path / "hessian.png"
    assert main(["analyze", "hessian", "--data", "demo", "--json", "--figure", str(picture)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["parameters"] == 21_328 and answer["digits"] == 40
    assert answer["estimated"]["largest"] > 0.1 > answer["estimated"]["most_negative"]
    assert picture.stat().st_size > 0


def test_a_network_of_another_width_is_trained(few, capsys):
    assert main(["analyze", "hessian", "--data", "demo", "--units", "4", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["parameters"] == 710 + 4 * 151 + 10 * 5


def test_eigenvalues_of_a_file_are_not_computed_again(few, tmp_path, capsys):
    path = tmp_path / "all.npz"
    np.savez(
        path, eigenvalues=np.array([-0.46, 0, 0, 0, 1e-5, 39.0]), weights=np.zeros(21_328, "f")
    )
    picture = tmp_path / "hessian.png"
    arguments = ["--data", "demo", "--eigenvalues", str(path), "--json", "--figure", str(picture)]
    assert main(["analyze", "hessian", *arguments]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["exact"] == {
        "share_near_zero": pytest.approx(4 / 6),
        "largest": 39.0,
        "most_negative": -0.46,
    }
    # the file's network, not the shipped one: silent, it finds all ten digits equally likely
    assert answer["loss"] == pytest.approx(np.log(10))
    assert picture.stat().st_size > 0


def test_eigenvalues_of_another_network_are_refused(few, tmp_path, capsys):
    path = tmp_path / "all.npz"
    np.savez(path, eigenvalues=np.zeros(7), weights=np.zeros(7, "f"))
    assert main(["analyze", "hessian", "--data", "demo", "--eigenvalues", str(path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "7 weights" in line and "21328" in line


def test_a_missing_file_is_computed_and_written(monkeypatch, tmp_path):
    matrix = np.diag([3.0, -1.0, 0.0])
    monkeypatch.setattr(hessian, "lenet_hessian", lambda *minimum: matrix.copy())
    minimum = hessian.shipped_minimum("demo")
    computed = hessian.all_eigenvalues(minimum, tmp_path / "all.npz")
    monkeypatch.setattr(hessian, "lenet_hessian", None)
    again = hessian.all_eigenvalues(minimum, tmp_path / "all.npz")
    assert computed.values.tolist() == again.values.tolist() == [-1, 0, 3]
    with np.load(tmp_path / "all.npz") as content:
        shipped = parameters_to_vector(minimum.network.parameters()).detach()
        assert np.array_equal(content["weights"], shipped)


@pytest.mark.parametrize("content", [b"nothing", b"", b"PK\3\4 cut off"])
def test_a_file_of_something_else_is_said(few, tmp_path, capsys, content):
    path = tmp_path / "all.npz"
    path.write_bytes(content)
    assert main(["analyze", "hessian", "--data", "demo", "--eigenvalues", str(path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
