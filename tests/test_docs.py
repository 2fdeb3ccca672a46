"""What the pages point at is there: links between them, and the places in the code that
docs/api-versions.md names."""

import re
from pathlib import Path

import pytest
from house import modules

import catseye

ROOT = Path(catseye.__file__).resolve().parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md")) + [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?!https?://|#)([^)#]+)(?:#[^)]*)?\)")  # not pictures
FILE = re.compile(r"[\w/-]*\w\.py\b")
OF_OTHERS = ("/opt/nvidia/jetson-io/jetson-io.py", "/dist-packages/tensorrt/__init__.py")
PLACE = re.compile(r"`((?:runtime|jetson|catseye)/[\w/]+\.py)(?:: (\w+))?`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    lost = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert lost == []


def test_the_bridges_are_where_the_table_says() -> None:
    places = PLACE.findall((ROOT / "docs" / "api-versions.md").read_text())
    assert len(places) > 20
    for path, name in places:
        source = (ROOT / path).read_text()
        assert (
            not name
            or re.search(r"^(def |class )?%s\b" % name, source, re.MULTILINE)
            or (re.search(r"^    def %s\b" % name, source, re.MULTILINE))
        ), "%s has no %s" % (path, name)


def test_files_that_the_code_speaks_of_are_there():
    """Docstrings and comments name modules by their file, with or without a folder."""
    there = ["/" + path.relative_to(ROOT).as_posix() for path in ROOT.glob("[a-z]*/**/*.py")]
    lost = {
        "%s: %s" % (path.relative_to(ROOT), name)
        for path in modules().values()
        for name in FILE.findall(path.read_text())
        if name not in OF_OTHERS and not any(each.endswith("/" + name) for each in there)
    }
    assert lost == set()
