import json

import pytest

from catseye.commands.parsing.parser import Parser, print_json, say_table
from catseye.runtime.errors import CatseyeError


def test_a_complaint_is_one_error_that_names_the_verbs_help():
    parser = Parser("run", "Run.")
    parser.add_argument("--frames", type=int)
    with pytest.raises(CatseyeError) as caught:
        parser.parse_args(["--frames", "many"])
    assert "--frames" in str(caught.value)
    assert caught.value.mend == "see `catseye run --help`"


def test_options_are_not_guessed_from_their_beginning():
    parser = Parser("run", "Run.")
    parser.add_argument("--frames", type=int)
    with pytest.raises(CatseyeError, match="unrecognized arguments: --fram"):
        parser.parse_args(["--fram", "1"])


def test_json_goes_to_stdout_and_tables_to_stderr(capsys):
    print_json({"ok": True})
    say_table(("name", "value"), [("a", 1.23456789), ("longer", None), ("n", 12345678)])
    said = capsys.readouterr()
    assert json.loads(said.out) == {"ok": True}
    assert said.err.splitlines() == [
        "name    value",
        "------  --------",
        "a       1.235",
        "longer  -",
        "n       12345678",
    ]
