"""Mistyped verbs and options."""

import pytest

from catseye.__main__ import main
from catseye.runtime.errors import nearest


def test_the_nearest_word():
    assert nearest("exprot", ["run", "export"]) == "did you mean export?"
    assert nearest("zzzzzz", ["run", "export"]) == ""


def test_what_is_missing_since_it_was_mistyped_is_not_all_that_is_said(capsys):
    assert main(["run", "--surce", "x"]) == 2
    assert main(["run", "--nothing", "x"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "catseye: unrecognized arguments: --surce; did you mean --source?",
        "catseye: unrecognized arguments: --nothing; see `catseye run --help`",
    ]


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
