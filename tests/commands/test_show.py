"""`catseye show`: what stands in a file, for people and for programs."""

import json
import sys

import pytest

from catseye.__main__ import main


@pytest.mark.parametrize(
    "model, words",
    (
        ("road", ("Pavement", "golden frames", "multiplies", "begun with   ImageNet (")),
        ("digits", ("probabilities", "fp32 for any")),
        ("sparse", ("begun with  random weights",)),
    ),
)
def test_people_read_what_it_is(model, words, capsys):
    assert main(["show", model]) == 0
    said = capsys.readouterr().err
    said = " ".join(said.split())
    assert all(" ".join(word.split()) in said for word in words)


def test_programs_read_card_and_cost(capsys):
    assert main(["show", "digits", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["card"]["task"] == "digits" and document["golden_frames"] == 3
    assert document["cost"]["parameters"] == 21328 and len(document["sha256"]) == 64
    assert {"name", "kind", "shape"} <= set(document["cost"]["layers"][0])


def test_layers_are_told_when_asked_for(capsys):
    assert main(["show", "digits", "--layers"]) == 0
    assert "Conv" in capsys.readouterr().err


def test_of_a_checkpoint_what_was_trained(small_checkpoint, capsys):
    assert main(["show", str(small_checkpoint)]) == 0
    said = capsys.readouterr()
    assert all(word in said.err for word in ("parameters", "miou", "begun with", "random weights"))
    assert main(["show", str(small_checkpoint), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["checkpoint"]["task"] == "road" and document["parameters"] > 1000


def test_a_number_that_training_fitted_is_said_once(capsys):
    assert main(["show", "road"]) == 0
    said = capsys.readouterr()
    assert (said.out + said.err).count("temperature") == 1


def test_layers_that_nobody_knows_are_one_line(small_checkpoint, monkeypatch, capsys):
    assert main(["show", str(small_checkpoint), "--layers"]) == 2
    monkeypatch.setitem(sys.modules, "catseye.export.cost", None)
    assert main(["show", "digits", "--layers"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2 and "--layers of a checkpoint" in said[0] and "--layers where" in said[1]
    assert main(["show", "digits"]) == 0
