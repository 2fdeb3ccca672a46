from pathlib import Path

import pytest

from catseye.jetson.service import systemd
from catseye.runtime.errors import CatseyeError


def command(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)


def test_what_it_says_and_what_it_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CatseyeError, match="cannot run systemctl .*systemd"):
        systemd.forget_removed()
    command(tmp_path, "systemctl", "echo ActiveState=active; echo ExecStart=a=b; echo no pair")
    assert systemd.state_of("x.service") == {"ActiveState": "active", "ExecStart": "a=b"}
    command(tmp_path, "systemctl", "echo Access denied >&2; exit 4")
    with pytest.raises(CatseyeError, match="disable --now x.service failed: Access denied"):
        systemd.stop("x.service")


def test_a_user_that_is_there_is_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    log = tmp_path / "log"
    for name in ("systemctl", "useradd"):
        command(tmp_path, name, 'echo "%s $*" >> %s\n' % (name, log))
    systemd.start("x.service", "root")
    systemd.start("x.service", "catseye-nobody-has")
    told = log.read_text().splitlines()
    assert [line.split()[0] for line in told] == ["systemctl"] * 3 + ["useradd"] + ["systemctl"] * 3
