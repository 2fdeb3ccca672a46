"""Progress: a bar with what is left on a terminal, a line now and then elsewhere, with -q none."""

import io
import json
import logging

import cv2
import numpy as np
import pytest

from catseye.__main__ import main
from catseye.commands.parsing import progress
from catseye.commands.parsing.parser import say
from catseye.commands.parsing.progress import CLEAR, Progress, watched


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Seconds:
    """A clock that is told the time."""

    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def seconds():
    logging.getLogger("catseye").setLevel(logging.INFO)
    return Seconds()


def test_a_line_every_half_minute_where_there_is_no_terminal(seconds, capsys):
    with Progress("eval", 100, seconds) as shown:
        for done in range(100):
            seconds.now = float(done)
            shown.show(done)
    assert capsys.readouterr().err.splitlines() == [
        "eval:  30 % 30 of 100, 1.0 per second, 1:10 left",
        "eval:  60 % 60 of 100, 1.0 per second, 0:40 left",
        "eval:  90 % 90 of 100, 1.0 per second, 0:10 left",
    ]


def test_a_bar_on_a_terminal_makes_room_for_other_words(seconds, monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("COLUMNS", "60")
    with Progress("drive.mp4", 4, seconds) as shown:
        seconds.now = 2.0
        shown.show(1)
        say("something else")
        seconds.now = 2.1  # too soon
        shown.show(2)
        seconds.now = 3.0
        shown.show(3)
    parts = terminal.getvalue().split(CLEAR)
    assert parts[1].startswith("drive.mp4:  25 % |#####               | 1 of 4")
    assert len(parts[1]) == 59 and parts[2] == "something else\n"
    assert "3 of 4" in parts[3] and parts[4:] == [""]


def test_without_a_total_there_is_a_rate(seconds, capsys):
    shown = Progress("log", None, seconds)
    seconds.now = 40.0
    shown.show(20)
    assert capsys.readouterr().err == "log: 20, 0.5 per second\n"


def test_quiet_says_nothing(seconds, capsys):
    logging.getLogger("catseye").setLevel(logging.WARNING)
    shown = Progress("log", None, seconds)
    seconds.now = 40.0
    shown.show(20)
    assert capsys.readouterr().err == "" and list(watched([1, 2], "x")) == [1, 2]


@pytest.mark.parametrize("verb", ("run", "eval"))
def test_run_and_eval_show_theirs_on_stderr_alone(verb, tiny_model, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(progress, "LINE_EVERY_S", 0.0)
    for folder in ("camvid/val", "camvid/valannot"):
        (tmp_path / folder).mkdir(parents=True)
        for number in range(3):
            picture = np.full((48, 64), number, np.uint8)
            cv2.imwrite(str(tmp_path / folder / ("p%d.png" % number)), picture)
    source = str(tmp_path / "camvid" / "val")
    words = ["--source", source] if verb == "run" else ["--data", str(tmp_path)]
    assert main([verb, tiny_model, *words, "--json"]) == 0
    said = capsys.readouterr()
    assert isinstance(json.loads(said.out), dict) and " 3, " in said.err and " left\n" in said.err
    assert main([verb, tiny_model, *words, "--json", "-q"]) == 0
    said = capsys.readouterr()
    assert isinstance(json.loads(said.out), dict) and " left\n" not in said.err
