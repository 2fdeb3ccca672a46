"""A generator from training to a board's command line, on the demo digits."""

import json

import cv2
import pytest

from catseye.__main__ import main


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gan")
    words = [
        "--data",
        "demo",
        "--epochs",
        "1",
        "--discriminator-steps",
        "2",
        "--maxout",
        "2",
        "--saturating",
    ]
    assert main(["train", "gan", *words, "--out", str(folder / "gan")]) == 0
    assert main(["export", str(folder / "gan"), "-o", str(folder / "gan.onnx")]) == 0
    return folder


def test_the_options_are_in_the_checkpoint(trained):
    meta = json.loads((trained / "gan" / "meta.json").read_text())
    assert meta["task"] == "gan" and meta["optimizer"] == "sgd" and meta["config"]["pieces"] == 2
    assert meta["data"]["discriminator_steps"] == 2 and meta["data"]["saturating"]


def test_it_runs_on_a_source_and_shows_pictures(trained, tmp_path):
    words = [
        "--source",
        "synthetic://road?frames=2",
        "--sink",
        str(tmp_path / "out"),
        "--sink",
        "jsonl://" + str(tmp_path / "rows"),
    ]
    assert main(["run", str(trained / "gan.onnx"), *words]) == 0
    assert cv2.imread(str(tmp_path / "out" / "000001.png")).shape == (360, 640, 3)
    rows = [json.loads(line) for line in (tmp_path / "rows").read_text().splitlines()]
    assert [row["task"] for row in rows] == ["gan", "gan"] and rows[0]["result"] != rows[1][
        "result"
    ]


def test_it_is_verified_and_measured(trained, capsys):
    model, source = str(trained / "gan.onnx"), str(trained / "gan")
    assert main(["verify", model]) == 0
    assert main(["verify", model, "--against", source]) == 0
    assert main(["eval", model, "--data", "demo", "--json"]) == 0
    assert 0 <= json.loads(capsys.readouterr().out)["legible"] <= 1
    assert main(["bench", model, "--seconds", "0.2"]) == 0


@pytest.mark.parametrize(
    "words",
    [
        ["export", "{}/gan", "--size", "640x360"],
        ["train", "gan", "--data", "demo", "--atoms", "3"],
        ["train", "gan", "--data", "demo", "--maxout", "0"],
        ["train", "gan", "--data", "demo", "--discriminator-steps", "none"],
        ["train", "digits", "--data", "demo", "--saturating"],
        ["train", "gan", "--data", "demo", "--accumulate", "2", "--out", "{}/new"],
        # other terms
        ["train", "gan", "--data", "demo", "--out", "{}/gan", "--resume", "--epochs", "2"],
    ],
)
def test_what_cannot_be_is_one_line(words, trained, capsys):
    capsys.readouterr()
    assert main([word.format(trained) for word in words]) == 2
    *before, complaint = capsys.readouterr().err.strip().splitlines()
    assert complaint.startswith("catseye: ") and before in ([], ["gan: reading demo"])
