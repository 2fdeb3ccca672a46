"""The study of the Hessian's shape: a row for each network and optimizer, and a share that scale
does not change."""

import json
from functools import partial

import numpy as np
import pytest

from catseye.__main__ import main
from catseye.training.analysis.minima import spectra
from catseye.training.analysis.minima.minima import OPTIMIZERS, digits_problem
from catseye.training.analysis.minima.spectrum import Spectrum, spectrum_of_all


def test_every_minimum_has_a_row_and_a_curve(monkeypatch, tmp_path, capsys):
    narrow = spectra.System("narrow LeNet", partial(digits_problem, hidden=4), 20)
    monkeypatch.setattr(spectra, "SYSTEMS", (narrow,))
    monkeypatch.setattr(spectra, "STEPS", 10)
    monkeypatch.setattr(spectra, "SAMPLES", 100)
    figure = tmp_path / "spectra.png"
    assert main(["analyze", "spectra", "--data", "demo", "--figure", str(figure), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["minima"]
    assert [(row["system"], row["optimizer"]) for row in rows] == [
        ("narrow LeNet", name) for name in OPTIMIZERS
    ]
    assert all(row["parameters"] == 710 + 150 * 4 + 4 + 4 * 10 + 10 for row in rows)
    assert all(
        row["most_negative"] < row["largest"] and 0 <= row["share_small"] <= 1 for row in rows
    )
    assert figure.stat().st_size > 5_000


@pytest.mark.parametrize("scale", [1.0, 1e3])
def test_the_share_of_small_ones_does_not_depend_on_the_scale(scale):
    values = np.array([-2e-3, 5e-4, 1e-2, 1.0]) * scale
    assert row_of(spectrum_of_all(values * 10)).share_small == 0.25


def test_a_quadrature_without_nodes_near_zero_does_not_say_that_nothing_is_there():
    far, near = (Spectrum(np.array([x, 5.0]), np.array([0.9, 0.1])) for x in (-1e-3, 1e-5))
    assert row_of(far).share_near_zero is None
    assert row_of(near).share_near_zero == 0.9


def row_of(spectrum):
    [row] = spectra.report([spectra.Found("net", "sgd", 4, 0.1, spectrum)])
    return row
