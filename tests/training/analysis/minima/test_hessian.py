"""The study of the shipped digits network: its report, its file of eigenvalues, its figure."""

import json

import numpy as np
import pytest

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
    np.savez(path, eigenvalues=np.array([-0.46, 0, 0, 0, 1e-5, 39.0]))
    picture = tmp_path / "hessian.png"
    arguments = ["--data", "demo", "--eigenvalues", str(path), "--json", "--figure", str(picture)]
    assert main(["analyze", "hessian", *arguments]) == 0
    exact = json.loads(capsys.readouterr().out)["exact"]
    assert exact == {
        "share_near_zero": pytest.approx(4 / 6),
        "largest": 39.0,
        "most_negative": -0.46,
    }
    assert picture.stat().st_size > 0


def test_a_missing_file_is_computed_and_written(monkeypatch, tmp_path):
    matrix = np.diag([3.0, -1.0, 0.0])
    monkeypatch.setattr(hessian, "lenet_hessian", lambda *minimum: matrix.copy())
    minimum = hessian.shipped_minimum("demo")
    computed = hessian.all_eigenvalues(minimum, tmp_path / "all.npz")
    monkeypatch.setattr(hessian, "lenet_hessian", None)
    again = hessian.all_eigenvalues(minimum, tmp_path / "all.npz")
    assert computed.values.tolist() == again.values.tolist() == [-1, 0, 3]


def test_a_file_of_something_else_is_said(few, tmp_path, capsys):
    path = tmp_path / "all.npz"
    path.write_bytes(b"nothing")
    assert main(["analyze", "hessian", "--data", "demo", "--eigenvalues", str(path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
