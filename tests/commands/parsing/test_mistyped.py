"""Mistyped verbs and options."""

import pytest

from catseye.__main__ import main
from catseye.runtime.errors import nearest


def test_the_nearest_word():
    assert nearest("exprot", ["run", "export"]) == "did you mean export?"
    assert nearest("zzzzzz", ["run", "export"]) == ""


@pytest.mark.parametrize(
    "words, meant",
    (
        (["rnu"], "run"),
        (["run", "road", "--souce", "x", "--source", "y"], "--source"),
        (["run", "road", "--souce=x"], "--source"),  # and so the one that is required is missing
        (["train", "raod"], "road"),
        (["train", "road", "--siez", "64x64"], "--size"),
        (["data", "import", "x", "-o", "y", "--format", "roboflwo"], "roboflow"),
        (["completion", "bsh"], "bash"),
        (["show", "raod"], "road"),
        (["verify", "digts"], "digits"),
        (["export", "road-nanno"], "road-nano"),
    ),
)
def test_a_mistyped_word_is_answered_by_what_was_meant(words, meant, capsys):
    assert main(words) == 2
    said = capsys.readouterr().err
    assert f"did you mean {meant}?" in said and said.count("\n") == 1
