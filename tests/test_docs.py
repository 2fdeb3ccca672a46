"""What the pages point at is there: links between them, headings, pictures, and the places in the
code that docs/api-versions.md names. `make docs` asks the same of the site."""

import functools
import re
from pathlib import Path

import pytest
from house import modules

import catseye

ROOT = Path(catseye.__file__).resolve().parents[1]
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "models/zoo/*.md", "jetson/*/README.md")
    for path in ROOT.glob(pattern)
)
LINK = re.compile(r"\[[^\]]*\]\((?!https?://|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")  # pictures too
CODE = re.compile(r"^```.*?^```$|``.+?``|`[^`]+`", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FILE = re.compile(r"[\w/-]*\w\.py\b")
OF_OTHERS = ("/opt/nvidia/jetson-io/jetson-io.py", "/dist-packages/tensorrt/__init__.py")
PLACE = re.compile(r"`((?:runtime|jetson|catseye)/[\w/]+\.py)(?:: (\w+))?`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = CODE.sub(lambda code: "`" if "](" in code[0] else code[0], page.read_text())
    lost = [link for link, _ in LINK.findall(text) if not (page.parent / link).exists()]
    assert lost == []
    for link, anchor in LINK.findall(text):
        if anchor:
            assert anchor in anchors(page.parent / link if link else page), f"{link}#{anchor}"


@functools.lru_cache(maxsize=None)
def anchors(page: Path) -> frozenset[str]:
    """What code hosts, and the site, make of the headings of a page."""
    headings = HEADING.findall(re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.M | re.S))
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", each) for each in headings]
    return frozenset(re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in plain)


def test_every_page_has_a_place_in_the_site() -> None:
    named = set(re.findall(r": (\S+\.md)$", (ROOT / "docs" / "mkdocs.yml").read_text(), re.M))
    assert named == {page.relative_to(ROOT).as_posix() for page in PAGES}


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
        if name not in OF_OTHERS
        and not any(each.endswith("/" + name.lstrip("/")) for each in there)
    }
    assert lost == set()
