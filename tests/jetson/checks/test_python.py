import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from catseye.jetson.checks import python as python_checks
from catseye.jetson.checks.complaints import COMPLAINTS, fix_of
from catseye.jetson.jetpack import JETPACKS, Board

TX1 = Board("jetson_tx1", "TX1", (32, 7, 1), JETPACKS[0])
THOR = Board("NVIDIA Jetson AGX Thor Developer Kit", "Thor", (38, 2, 0), JETPACKS[4])


def test_python_of_the_board(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python_checks.platform, "python_version", lambda: "3.6.9")
    assert python_checks.python_check(TX1).status == "ok"
    assert python_checks.python_check(THOR).status == "warn"
    assert "3.12" in python_checks.python_check(THOR).expected


def test_python_that_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python_checks.sys, "version_info", (3, 5, 2))
    assert python_checks.python_check(None).status == "fail"


@pytest.mark.parametrize("version, status", [("1.12.1", "fail"), ("1.13.3", "ok"), ("2.4.0", "ok")])
def test_numpy_versions(monkeypatch: pytest.MonkeyPatch, version: str, status: str) -> None:
    monkeypatch.setattr(python_checks, "imported", lambda package: (object(), version))
    assert python_checks.numpy_check(None).status == status


@pytest.mark.parametrize(
    "version, board, status",
    [("1.13.3", TX1, "ok"), ("1.19.5", TX1, "ok"), ("2.1.0", THOR, "warn"), ("2.1.0", None, "ok")],
)
def test_a_boards_packages_want_numpy_1(
    monkeypatch: pytest.MonkeyPatch, version: str, board: Board, status: str
) -> None:
    numpy = SimpleNamespace(__path__=["/home/me/.local/lib/numpy"])
    monkeypatch.setattr(python_checks, "imported", lambda package: (numpy, version))
    check = python_checks.numpy_abi_check(board)
    assert check.status == status
    assert board is None or "/home/me/.local" in check.found


def test_a_package_that_kills_the_interpreter(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "catseye_test_illegal.py").write_text(
        "import os, signal\nos.kill(os.getpid(), signal.SIGILL)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert python_checks.import_code("catseye_test_illegal") == -4
    assert python_checks.import_code("catseye_test_nowhere") == 1
    assert python_checks.import_code("json") == 0
    monkeypatch.setattr(python_checks.sys, "executable", str(tmp_path / "no-python"))
    assert python_checks.import_code("json") == 1
    monkeypatch.setattr(python_checks.sys, "executable", sys.executable)


@pytest.mark.parametrize(
    "message, part",
    [
        (
            "/usr/lib/aarch64-linux-gnu/libgomp.so.1: cannot allocate memory in static TLS block",
            "LD_PRELOAD",
        ),
        ("numpy.core.multiarray failed to import", "uninstall numpy"),
        ("libcudart.so.10.2: cannot open shared object file", "ldconfig"),
        ("libGL.so.1: cannot open shared object file", "libgl1"),
        ("something new", "the usual"),
    ],
)
def test_known_complaints_have_their_fix(message: str, part: str) -> None:
    assert part in fix_of(message, "the usual")
    assert len({text for text, _ in COMPLAINTS}) == len(COMPLAINTS)
