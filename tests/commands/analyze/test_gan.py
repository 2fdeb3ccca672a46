"""`catseye analyze gan` and `analyze adversarial` on the command line."""

import json

import pytest

from catseye.__main__ import main
from catseye.training.analysis import gan as study


def test_the_shipped_generator_is_near_the_data_and_no_copy_of_it(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(study, "SAMPLES", 1000)
    figure = tmp_path / "gan.png"
    assert main(["analyze", "gan", "--data", "demo", "--json", "--figure", str(figure)]) == 0
    numbers = json.loads(capsys.readouterr().out)
    assert numbers["samples"]["frechet_lenet"] < 0.5 * numbers["noise"]["frechet_lenet"]
    assert numbers["samples"]["classes"] > 8
    assert figure.stat().st_size > 10_000


def test_tables_need_no_data(monkeypatch, tmp_path, capsys):
    monkeypatch.delenv("CATSEYE_DATA", raising=False)
    figure = tmp_path / "tabular.png"
    words = [
        "analyze",
        "adversarial",
        "--study",
        "tabular",
        "--seeds",
        "1",
        "--figure",
        str(figure),
    ]
    assert main(words) == 0
    assert "p_error" in capsys.readouterr().err and figure.stat().st_size > 10_000


@pytest.mark.parametrize(
    "words",
    [
        ["gan", "nosuch", "--data", "demo"],
        ["gan", "digits", "--data", "demo"],  # a checkpoint of another task
        ["gan", "--data", "/nowhere"],
        ["adversarial", "--study", "nosuch"],
        ["adversarial", "--seeds", "0"],
        ["adversarial", "--study", "overfitting", "--data", "/nowhere"],
    ],
)
def test_what_cannot_be_is_one_line(words, capsys):
    assert main(["analyze", *words]) == 2
    said = capsys.readouterr()
    assert said.out == "" and len(said.err.strip().splitlines()) == 1
