"""`catseye analyze --help`: which lecture its subjects come from, then one line for each."""

import importlib

import pytest

from catseye.__main__ import main
from catseye.commands.analyze import SUBJECTS


def test_the_lecture_is_named_before_its_subjects(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["analyze", "--help"])
    text = capsys.readouterr().out
    assert ended.value.code == 0
    assert text.index("Choromanska") < text.index("docs/lecture.md") < text.index("subjects:")
    listed = text[text.index("subjects:") :].splitlines()
    assert [line.split()[0] for line in listed[1 : len(SUBJECTS) + 1]] == sorted(SUBJECTS)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_subject_has_a_module(subject):
    assert callable(importlib.import_module("catseye.commands.analyze." + subject).main)


def test_another_subject_is_one_line(capfd):
    assert main(["analyze", "astrology"]) == 2
    assert len(capfd.readouterr().err.splitlines()) == 1
