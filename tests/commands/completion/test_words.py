"""Completion: verbs, options, choices, shipped models and files, without torch."""

import os
import subprocess
import sys

import pytest

from catseye.__main__ import main
from catseye.commands import LOUDNESS, VERBS

pytest.importorskip("argcomplete")

# asks as a shell does, many lines in one process
PROGRAM = """
import io, os, sys
from catseye.commands.completion.words import complete

class Answered(Exception):
    pass

def answered(code):
    raise Answered()

for line in sys.stdin.read().splitlines():
    os.environ.update(COMP_LINE=line, COMP_POINT=str(len(line)), _ARGCOMPLETE="1",
                      _ARGCOMPLETE_IFS=" ", _ARGCOMPLETE_SHELL="fish")
    stream = io.StringIO()
    try:
        complete(output_stream=stream, exit_method=answered)
    except Answered:
        pass
    print(stream.getvalue())
print("torch" in sys.modules)
"""


def completed(lines, folder):
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "_ARC_DEBUG": "", "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert answer.returncode == 0, answer.stderr
    *words, torch = answer.stdout.splitlines()
    assert torch == "False"
    return dict(zip(lines, (line.split() for line in words)))


def test_the_words_under_the_cursor(tmp_path):
    for name in ("mine.onnx", "mine.txt", "drive.mp4"):
        (tmp_path / name).touch()
    options = ["catseye %s --" % verb for verb in VERBS if verb not in ("train", "analyze")]
    found = completed(
        [
            "catseye r",
            "catseye run ro",
            "catseye run mi",
            "catseye run road --so",
            "catseye run road --source dr",
            "catseye run road --source sy",
            "catseye run road --sink rec",
            "catseye run road --backend o",
            "catseye run road --frames ",
            "catseye verify road --against mi",
            "catseye train ro",
            "catseye train road --opt",
            "catseye analyze hes",
            "catseye analyze hessian --eig",
            "catseye data im",
            "catseye data import x --form",
            "catseye nosuch ",
            "catseye -q ru",
            "catseye --verbose -v run ro",
            "catseye -q data import x --form",
            "catseye -v -",
            "catseye --",
            *options,
        ],
        tmp_path,
    )
    for line in options:
        assert {"--help", "--quiet", "--verbose"} <= set(found.pop(line)), line
    assert [words for words in found.values()] == [
        ["run", "replay"],
        ["road", "road-nano"],
        ["mine.onnx"],
        ["--source"],
        ["drive.mp4"],
        ["synthetic://road"],
        ["record://"],
        ["onnxruntime", "opencv"],
        [],
        ["mine.onnx"],
        ["road"],
        ["--optimizer"],
        ["hessian"],
        ["--eigenvalues"],
        ["import"],
        ["--format"],
        [],
        ["run"],
        ["road", "road-nano"],
        ["--format"],
        ["--help", "--version", *LOUDNESS],
        ["--help", "--version", "--quiet", "--verbose"],
    ]


@pytest.mark.parametrize("shell", ("bash", "zsh", "fish"))
def test_the_shells_script(shell, capsys):
    assert main(["completion", shell]) == 0
    said = capsys.readouterr()
    assert "catseye" in said.out and "complete" in said.out and said.err == ""


def test_no_argcomplete_is_one_line(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "argcomplete", None)
    assert main(["completion", "bash"]) == 2
    assert "pip install argcomplete" in capsys.readouterr().err
