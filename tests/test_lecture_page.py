"""docs/lecture.md: every picture has the command that draws it, and every such command is one."""

import os
import re
import shlex
from pathlib import Path

import pytest

from catseye.commands.analyze import SUBJECTS

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "lecture.md").read_text(encoding="utf-8")
COMMANDS = [
    shlex.split(words)
    for words in dict.fromkeys(re.findall(r"`catseye ([^`]* --figure [^`]+)`", PAGE))
]


def test_every_picture_is_drawn_by_a_command_and_shown():
    shown = {"docs/" + link for link in re.findall(r"!\[[^]]*\]\((lecture/[^)]+)\)", PAGE)}
    drawn = [words[words.index("--figure") + 1] for words in COMMANDS]
    assert shown == set(drawn) and len(drawn) == len(shown)
    assert all((DOCS.parent / path).is_file() for path in shown)
    kept = {
        "docs/lecture/" + name for name in os.listdir(DOCS / "lecture") if name.endswith(".png")
    }
    assert kept == shown


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_names_a_study(words):
    assert words[0] == "analyze" and words[1] in SUBJECTS


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_names_the_data_that_it_needs(words):
    """A study without them computes all that it looks at, or brings it."""
    study = words[1], words[words.index("--study") + 1] if "--study" in words else ""
    needs_none = study in {
        ("activations", ""),
        ("adversarial", "panels"),
        ("adversarial", "tabular"),
        ("entropy", ""),
        ("optimizers", "text"),
    }
    assert ("--data" in words) != needs_none


def test_cells_are_short_and_sections_open_with_words():
    cells = [
        re.sub(r"\]\([^)]*\)", "]", cell)
        for line in PAGE.splitlines()
        if line.startswith("|")
        for cell in re.split(r"(?<!\\)\|", line)
    ]
    assert [cell for cell in cells if len(cell.split()) >= 25] == []
    for section in re.split(r"^## ", PAGE, flags=re.M)[1:]:
        opening = section.split("\n\n")[1]
        assert "](../" in opening and not opening.startswith("|"), section[:30]


def test_no_section_is_empty():
    sections = re.split(r"^## ", PAGE, flags=re.M)[1:]
    assert len(sections) == 13 and all("|---" in section for section in sections)
