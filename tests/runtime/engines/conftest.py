"""Fixtures of the engine tests: machines with a GPU that is not there, and a cache of their own."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# the helpers beside this file; importlib mode does not add it
sys.path.append(str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def cache_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the engine cache of this test lies."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("CATSEYE_CACHE", str(folder))
    return folder


@pytest.fixture(params=["8.2", "8.5", "8.6", "10", "11"])
def api(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def machine(api: str, monkeypatch: pytest.MonkeyPatch) -> "Iterator[object]":
    """A workstation; whatever the test does, nothing may be leaked or misused."""
    yield from checked_machine(api, monkeypatch, integrated=False)


@pytest.fixture
def board(api: str, monkeypatch: pytest.MonkeyPatch) -> "Iterator[object]":
    """A Tegra, whose GPU reads the host's memory."""
    yield from checked_machine(api, monkeypatch, integrated=True)


def checked_machine(
    api: str, monkeypatch: pytest.MonkeyPatch, integrated: bool
) -> "Iterator[object]":
    from fake_machine import Machine

    machine = Machine(api, monkeypatch, integrated)
    yield machine
    assert machine.cuda.violations == []
    assert machine.cuda.leaks() == []
