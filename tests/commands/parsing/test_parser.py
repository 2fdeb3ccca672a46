import json
import subprocess
import sys

import pytest

from catseye.__main__ import main
from catseye.commands.parsing.parser import Parser, print_json, say_table
from catseye.runtime import engines
from catseye.runtime.errors import CatseyeError


def test_a_complaint_is_one_error_that_names_the_verbs_help():
    parser = Parser("run", "Run.")
    parser.add_argument("--frames", type=int)
    with pytest.raises(CatseyeError) as caught:
        parser.parse_args(["--frames", "many"])
    assert "--frames" in str(caught.value)
    assert caught.value.fix == "see `catseye run --help`"


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


def test_every_verb_is_as_loud_as_it_is_told(tiny_model, capsys, caplog, monkeypatch):
    for how, levels in (("-q", set()), ("-v", {"INFO", "DEBUG"}), ("", {"INFO"})):
        caplog.clear()
        monkeypatch.setattr(engines, "_told", set())
        assert main(["verify", tiny_model, *how.split()]) == 0
        assert {record.levelname for record in caplog.records} == levels
        assert "within the bounds: ok" in capsys.readouterr().err


def test_quiet_and_verbose_in_a_program_of_its_own():
    said = {}
    for how in ("-q", "-v"):
        words = [sys.executable, "-m", "catseye", "show", "nowhere", how]
        answer = subprocess.run(words, stderr=subprocess.PIPE, text=True)
        assert answer.returncode == 2
        said[how] = answer.stderr
    assert said["-q"].startswith("catseye: no model 'nowhere'") and said["-q"].count("\n") == 1
    assert "Traceback" in said["-v"] and said["-v"].endswith("\n" + said["-q"])
    assert " s]\n" in said["-v"]  # when


def test_quiet_and_verbose_at_once_are_refused(capsys):
    assert main(["show", "nowhere", "-q", "-v"]) == 2
    assert "not allowed with" in capsys.readouterr().err
