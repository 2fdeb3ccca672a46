"""What the pages point at is there: links between them, and the places in the code that
docs/api-versions.md names."""

import re
from pathlib import Path

import pytest

import catseye

ROOT = Path(catseye.__file__).resolve().parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md")) + [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?!https?://|#)([^)#]+)(?:#[^)]*)?\)")  # not pictures
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
