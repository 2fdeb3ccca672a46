"""Units that systemd itself takes, and services that come and go in a folder and under a systemctl
of our own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Dict, List, Tuple

import pytest
from fake_boards import write

from catseye.__main__ import main
from catseye.jetson.service import installation as module
from catseye.jetson.service.installation import (
    InstalledService,
    groups_of,
    install,
    remove,
    status,
    unit_settings,
)
from catseye.jetson.service.unit import UnitSettings, quoted, unit_text
from catseye.runtime.errors import CatseyeError

CSI = ("--source", "csi://0?size=1280x720&fps=60", "--sink", "jsonl://rows.jsonl")


def settings_of(text: str) -> List[Tuple[str, str]]:
    """Every directive of a unit file."""
    lines = [line for line in text.splitlines() if "=" in line and not line.startswith("#")]
    return [(line.split("=", 1)[0], line.split("=", 1)[1]) for line in lines]


def test_watched_restarted_limited_and_boxed_in() -> None:
    text = unit_text(
        UnitSettings(
            "catseye-road", ("/usr/bin/python3.6", "/opt/catseye/road.pyz"), CSI, ("video",)
        )
    )
    settings = dict(settings_of(text))
    assert settings["Type"] == "notify" and settings["WatchdogSec"] == "30"
    assert settings["Restart"] == "on-failure" and settings["StartLimitBurst"] == "5"
    assert settings["User"] == "catseye" and settings["SupplementaryGroups"] == "video"
    assert settings["NoNewPrivileges"] == "yes" and settings["ProtectSystem"] == "strict"
    assert settings["MemoryMax"] and settings["TasksMax"]
    assert (
        settings["ExecStart"] == "/usr/bin/python3.6 /opt/catseye/road.pyz run --source "
        '"csi://0?size=1280x720&fps=60" --sink jsonl://rows.jsonl'
    )
    allowed = {value for key, value in settings_of(text) if key == "DeviceAllow"}
    assert {"char-video4linux rw", "char-nvhost* rw", "/dev/nvmap rw"} <= allowed
    # CUDA would not start
    assert "MemoryDenyWriteExecute" not in settings and "PrivateDevices" not in settings


def test_the_socket_of_the_camera_daemon_stays_in_sight() -> None:
    def private(source: str) -> str:
        return dict(settings_of(unit_text(UnitSettings("c", ("p",), ("--source", source), ()))))[
            "PrivateTmp"
        ]

    assert (private("csi://0"), private("v4l2:///dev/video0")) == ("no", "yes")


@pytest.mark.parametrize(
    "word, expected",
    [
        ("--source", "--source"),
        ("a b", '"a b"'),
        ("100%", "100%%"),
        ("$HOME", '"$$HOME"'),
        ("", '""'),
        ('say "x"', '"say \\"x\\""'),
        ("back\\slash", '"back\\\\slash"'),
        ("two\nlines", '"two\\x0alines"'),
    ],
)
def test_words_reach_the_program_as_they_are(word: str, expected: str) -> None:
    assert quoted(word) == expected


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
@pytest.mark.parametrize(
    "arguments", [CSI, ("--source", "rtsp://u:p%20@h/$x", "--sink", 'a b/"c".mp4')]
)
def test_systemd_takes_the_unit(tmp_path: Path, arguments: Tuple[str, ...]) -> None:
    python = shutil.which("python3") or "/usr/bin/python3"
    plan = UnitSettings(
        "catseye-road", (python, "/opt/catseye/road.pyz"), arguments, ("video",), (str(tmp_path),)
    )
    unit = write(tmp_path, "catseye-road.service", unit_text(plan))
    answer = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr
    assert "catseye-road.service" not in answer.stderr  # no directive that it does not know


def test_groups_that_the_system_lacks_are_not_named(tmp_path: Path) -> None:
    write(tmp_path, "etc/group", "root:x:0:\nvideo:x:44:me\nvideos:x:45:\n")
    assert groups_of(str(tmp_path)) == ("video",)
    assert groups_of(str(tmp_path / "nowhere")) == ()


@pytest.fixture
def packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program is a .pyz."""
    path = write(tmp_path, "home/me/road.pyz", "the first version")
    monkeypatch.setattr(module, "archive_path", lambda: str(path))
    return path


def test_into_a_folder_and_out_again(tmp_path: Path, packed: Path) -> None:
    service = InstalledService("road", str(tmp_path / "image"))
    write(tmp_path, "image/etc/group", "video:x:44:\n")
    (tmp_path / "image/data").mkdir()
    assert status(service).installed is False
    plan = unit_settings(service, CSI, ["/data"], 30)
    install(service, plan)
    unit = dict(
        settings_of((tmp_path / "image/etc/systemd/system/catseye-road.service").read_text())
    )
    # not what the interpreter links to: outside its environment it would miss its packages
    assert unit["ExecStart"].startswith(sys.executable + " /opt/catseye/road.pyz run ")
    assert unit["ReadWritePaths"] == "/data"
    answer = status(service)
    assert answer.installed and answer.state is None and not answer.previous and answer.ok

    packed.write_text("the second version")
    install(service, plan)
    install(service, plan)  # the same again must not push the first version out
    assert (tmp_path / "image/opt/catseye/road.pyz").read_text() == "the second version"
    assert (tmp_path / "image/opt/catseye/road.pyz.previous").read_text() == "the first version"
    assert status(service).program_sha256 != answer.program_sha256

    remove(service)
    assert list((tmp_path / "image/opt/catseye").iterdir()) == [] and not status(service).installed
    with pytest.raises(CatseyeError, match="no service"):
        remove(service)


def test_a_folder_to_write_to_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CatseyeError, match="no folder /data"):
        unit_settings(InstalledService("road", str(tmp_path)), CSI, ["/data"], 30)


SYSTEMCTL = """#!/bin/sh
echo "$@" >> {log}
case "$1" in
  show) printf 'ActiveState=%s\\n' "$(cat {state})"
    printf 'SubState=running\\nNRestarts=2\\nActiveEnterTimestamp=Mon\\n' ;;
  restart) test ! -e {broken} || {{ echo "Job failed" >&2; exit 1; }} ;;
esac
"""


@pytest.fixture
def machine(tmp_path: Path, packed: Path, monkeypatch: pytest.MonkeyPatch) -> Dict[str, Path]:
    """A machine whose / is a folder, with a systemctl that writes down what it is told."""
    places = {name: tmp_path / name for name in ("log", "state", "broken")}
    places["state"].write_text("active")
    for name in ("systemctl", "useradd"):
        script = write(tmp_path, "bin/" + name, SYSTEMCTL.format(**places))
        script.chmod(0o755)
    monkeypatch.setenv("PATH", "%s:%s" % (tmp_path / "bin", os.environ["PATH"]))
    monkeypatch.setattr(module, "UNITS", str(tmp_path / "units"))
    monkeypatch.setattr(module, "PROGRAMS", str(tmp_path / "programs"))
    monkeypatch.setattr(module.os, "geteuid", lambda: 0)
    return places


def test_systemd_is_told_in_order(
    machine: Dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["service", "install", "--", *CSI]) == 0
    told = machine["log"].read_text().splitlines()
    assert told[0].endswith("catseye") and "--system" in told[0]  # useradd
    assert told[1:] == [
        "daemon-reload",
        "enable catseye-road.service",
        "restart catseye-road.service",
    ]
    assert main(["service", "status", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is True and document["state"]["NRestarts"] == "2"
    machine["state"].write_text("failed")
    assert main(["service", "status"]) == 1
    assert "failed (running), 2 restarts" in capsys.readouterr().err
    assert main(["service", "remove"]) == 0
    assert "disable --now catseye-road.service" in machine["log"].read_text()
    assert main(["service", "status"]) == 1


def test_a_service_that_does_not_start_is_told_in_one_line(
    machine: Dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    machine["broken"].write_text("")
    assert main(["service", "install", "--", *CSI]) == 2
    error = capsys.readouterr().err.strip().splitlines()
    assert len(error) == 1 and "Job failed" in error[0] and "journalctl" in error[0]


@pytest.mark.parametrize(
    "argv",
    [
        ["install"],
        ["install", "--", "--sink", "null://"],
        ["install", "--", "--source", "x", "--nosuch"],
        ["start"],
        ["status", "--", "--source", "x"],
        ["install", "--name", "../etc", "--", "--source", "x"],
    ],
)
def test_bad_words_are_refused_before_anything_is_written(
    machine: Dict[str, Path], capsys: pytest.CaptureFixture[str], argv: List[str]
) -> None:
    assert main(["service", *argv]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert not machine["log"].exists()


def test_only_root_changes_services(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module.os, "geteuid", lambda: 1000)
    assert main(["service", "install", "--", *CSI]) == 2
    assert "sudo" in capsys.readouterr().err


def test_a_dry_run_prints_the_unit(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["service", "install", "--dry-run", "--watchdog", "7", "--", *CSI]) == 0
    assert ("WatchdogSec", "7") in settings_of(capsys.readouterr().out)
