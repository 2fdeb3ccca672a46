from pathlib import Path
from types import SimpleNamespace

import pytest
from fake_boards import build_board, set_memory

from catseye.jetson.checks import system as system_checks


def test_memory_to_build_in(tmp_path: Path) -> None:
    root = build_board(tmp_path, "nano")
    assert system_checks.memory_check(root).status == "ok"
    set_memory(tmp_path, 4.1, 1.2)
    check = system_checks.memory_check(root)
    assert check.status == "warn" and "swapon" in check.fix and "none on disk" in check.found
    set_memory(tmp_path, 4.1, 1.2, (("/dev/zram0", 2.0),))  # compressed memory is memory
    assert system_checks.memory_check(root).status == "warn"
    set_memory(tmp_path, 4.1, 1.2, (("/dev/zram0", 2.0), ("/swapfile", 4.0)))
    assert system_checks.memory_check(root).status == "ok"
    assert system_checks.memory_check(str(tmp_path / "nowhere")).status == "ok"


def test_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        system_checks.shutil, "disk_usage", lambda folder: SimpleNamespace(free=5000000)
    )
    assert system_checks.disk_check("/").status == "warn"


def test_a_cache_that_sudo_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    # it will be made when it is needed
    assert system_checks.writable_check(str(tmp_path)).status == "ok"
    (tmp_path / "cache").mkdir()
    monkeypatch.setattr(system_checks.os, "access", lambda path, mode: not path.endswith("cache"))
    check = system_checks.writable_check(str(tmp_path))
    assert (check.status, check.fix) == ("warn", "sudo chown -R $USER %s" % (tmp_path / "cache"))


def test_clocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = build_board(tmp_path, "tx1")
    assert system_checks.clock_check(root).status == "ok"
    (tmp_path / system_checks.SYNCHRONISED).unlink()
    assert "set-ntp" in system_checks.clock_check(root).fix
    monkeypatch.setattr(system_checks.time, "time", lambda: 3600.0)
    check = system_checks.clock_check(root)
    assert (check.status, check.found) == ("warn", "it says 1970-01-01")


def test_the_kernel_answers_about_its_clock() -> None:
    assert system_checks.synchronised("/") in (True, False, None)
