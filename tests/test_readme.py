"""The commands of README.md are true: the block that says that it needs nothing runs as it stands,
and of the others every word is one that its command takes."""

import importlib
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import catseye
from catseye.commands.parsing.parser import Parser

ROOT = Path(catseye.__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
PACKED = "python3 road.pyz "
COMMANDS = [
    line
    for line in "\n".join(BLOCKS).splitlines() + re.findall(r"`(catseye run [^`]+)`", README)
    if line.startswith(("catseye ", PACKED))
]
ENOUGH = 15


class Parsed(Exception):
    """The words were taken."""


def words_of(line: str) -> list[str]:
    """A line's words after `catseye`; a packed program brings its own model."""
    words = shlex.split(line, comments=True)
    if not line.startswith(PACKED):
        return words[1:]
    verb, *rest = words[2:]
    return [verb, *(rest if verb in ("doctor", "replay", "calibrate") else ["road", *rest])]


def test_there_are_commands():
    assert len(COMMANDS) > ENOUGH


@pytest.mark.parametrize("line", COMMANDS)
def test_every_word_is_one_that_its_command_takes(line, monkeypatch):
    parse = Parser.parse_known_args

    def and_no_more(*words):
        _, unknown = parse(*words)
        assert unknown == []
        raise Parsed

    monkeypatch.setattr(Parser, "parse_known_args", and_no_more)
    verb, *rest = words_of(line)
    with pytest.raises(Parsed):
        importlib.import_module("catseye.commands." + verb).main(rest)


def test_the_block_that_needs_nothing_runs(tmp_path):
    (block,) = (each for each in BLOCKS if each.startswith("catseye export road "))
    commands = tmp_path / "bin"
    commands.mkdir()
    for name, words in (("catseye", " -m catseye"), ("python3", "")):
        (commands / name).write_text('#!/bin/sh\nexec "%s"%s "$@"\n' % (sys.executable, words))
        (commands / name).chmod(0o755)
    # a doctor finds something to say about most machines
    block = re.sub(r"(?m)^(python3 road.pyz doctor)", r"\1 || test $? = 1", block)
    # the same words for less: a few frames, a moment
    block = block.replace("frames=25", "frames=3").replace("--seconds 2", "--seconds 0.2")
    done = subprocess.run(
        ["bash", "-euc", block],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{commands}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert {"out.mp4", "rows.jsonl", "first.mp4"} <= {path.name for path in tmp_path.iterdir()}
