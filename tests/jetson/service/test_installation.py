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
from catseye.commands import pack
from catseye.jetson.service import installation as module
from catseye.jetson.service import program
from catseye.jetson.service.environment import secrets_moved
from catseye.jetson.service.installation import (
    InstalledService,
    groups_of,
    install,
    plan_of,
    remove,
    replaced_by,
    status,
)
from catseye.jetson.service.program import ServiceModel
from catseye.jetson.service.unit import UnitSettings, quoted, unit_text
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file import packed as packed_module

ROAD = ServiceModel("road")
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
    denied = settings["SystemCallFilter"].split()
    assert denied[0] == "~@clock" and {"@module", "@mount", "@raw-io", "@reboot"} <= set(denied)
    assert settings["SystemCallErrorNumber"] == "EPERM"  # an error, where a signal would kill
    for name in ("ProtectClock", "ProtectKernelLogs", "ProtectHostname", "RestrictSUIDSGID"):
        assert settings[name] == "yes"
    # CUDA would not start
    assert "MemoryDenyWriteExecute" not in settings and "PrivateDevices" not in settings


def test_a_bus_is_a_family_of_addresses_that_only_who_sends_there_may_use() -> None:
    for sink, may in (("can://can0", True), ("udp://127.0.0.1:5", False)):
        text = unit_text(UnitSettings("c", ("p",), ("--sink", sink), ()))
        families = dict(settings_of(text))["RestrictAddressFamilies"].split()
        assert ("AF_CAN" in families) is may and "AF_INET" in families


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
        ("no\u200bwidth", '"no\\xe2\\x80\\x8bwidth"'),
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


def plan_for(service: InstalledService, *words: str, write: Tuple[str, ...] = ()) -> module.Plan:
    return plan_of(service, ROAD, secrets_moved(words), write, 30)


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
    plan = plan_for(service, *CSI, write=("/data",))
    assert replaced_by(plan) == []
    install(plan)
    unit = dict(
        settings_of((tmp_path / "image/etc/systemd/system/catseye-road.service").read_text())
    )
    # not what the interpreter links to: outside its environment it would miss its packages
    assert unit["ExecStart"].startswith(sys.executable + " /opt/catseye/road.pyz run ")
    assert unit["ReadWritePaths"] == "/data"
    answer = status(service)
    assert answer.installed and answer.state is None and not answer.previous and answer.ok

    packed.write_text("the second version")
    other = plan_for(service, "--source", "v4l2:///dev/video0")
    unit_said, program_said = replaced_by(other)
    assert "catseye-road.service, which runs: " in unit_said and "csi://0" in unit_said
    assert "/opt/catseye/road.pyz, sha256 235d8c900808, by " in program_said
    install(plan)
    install(plan)  # the same again must not push the first version out
    assert replaced_by(plan) == ["catseye-road.service, which runs: the same"]
    assert (tmp_path / "image/opt/catseye/road.pyz").read_text() == "the second version"
    assert (tmp_path / "image/opt/catseye/road.pyz.previous").read_text() == "the first version"
    assert status(service).program_sha256 != answer.program_sha256

    remove(service)
    assert list((tmp_path / "image/opt/catseye").iterdir()) == [] and not status(service).installed
    with pytest.raises(CatseyeError, match="no service"):
        remove(service)


def test_a_folder_to_write_to_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CatseyeError, match="no folder /data"):
        plan_for(InstalledService("road", str(tmp_path)), *CSI, write=("/data",))


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
    monkeypatch.setattr(module, "SECRETS", str(tmp_path / "secrets"))
    monkeypatch.setattr(module, "check_reachable", lambda user: None)  # tests lie where they lie
    monkeypatch.setattr(module.os, "geteuid", lambda: 0)
    return places


def test_systemd_is_told_in_order(
    machine: Dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["service", "install", "--", "road", *CSI]) == 0
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
    assert main(["service", "install", "--", "road", *CSI]) == 2
    error = capsys.readouterr().err.strip().splitlines()
    assert len(error) == 1 and "Job failed" in error[0] and "journalctl" in error[0]


@pytest.mark.parametrize(
    "argv",
    [
        ["install"],
        ["install", "--", "road", "--sink", "null://"],
        ["install", "--", "road", "--source", "x", "--nosuch"],
        ["install", "--", "--source", "x"],  # no model
        ["install", "--", "nosuch", "--source", "x"],
        ["install", "--", "road", "--source", "x", "--monitor", "nosuch"],
        ["install", "--", "road", "--source", "env://CATSEYE_TEST_NOWHERE"],
        ["install", "--", "road.engine", "--source", "x"],
        ["start"],
        ["status", "--", "--source", "x"],
        ["install", "--name", "../etc", "--", "road", "--source", "x"],
        ["install", "--name", "stra\u00dfe", "--", "road", "--source", "x"],
        ["install", "--write", "tmp", "--", "road", "--source", "x"],
        ["install", "--", "road", "--source", "rstp://h/"],
        ["install", "--", "road", "--source", "x", "--sink", "jsnol://rows"],
        ["install", "--", "road", "--source", "x", "--sink", "http://0.0.0.0:8080"],
        ["install", "--", "road", "--source", os.fsdecode(b"\xe9")],
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
    assert main(["service", "install", "--", "road", *CSI]) == 2
    assert "sudo" in capsys.readouterr().err


def test_a_dry_run_prints_the_unit(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["service", "install", "--dry-run", "--watchdog", "7", "--", "road", *CSI]) == 0
    assert ("WatchdogSec", "7") in settings_of(capsys.readouterr().out)


def test_the_name_is_the_models_and_its_file_is_copied(tmp_path: Path, small_model: Path) -> None:
    image = tmp_path / "image"
    for name in ([], ["--name", "rear"]):
        words = ["--root", str(image), *name, "--", str(small_model), *CSI]
        assert main(["service", "install", *words]) == 0
    for name in ("small", "rear"):
        assert (image / ("opt/catseye/%s.onnx" % name)).read_bytes() == small_model.read_bytes()
        unit = (image / ("etc/systemd/system/catseye-%s.service" % name)).read_text()
        assert " -m catseye run /opt/catseye/%s.onnx --source" % name in unit
    assert main(["service", "remove", "--root", str(image)]) == 2  # which of the two?
    assert main(["service", "remove", "--root", str(image), "--name", "small"]) == 0
    assert main(["service", "remove", "--root", str(image)]) == 0
    assert os.listdir(str(image / "opt/catseye")) == []


def test_a_packed_model_gives_the_name(
    tmp_path: Path, small_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pyz = tmp_path / "anything.pyz"
    assert pack.main([str(small_model), "-o", str(pyz)]) == 0
    for where in (module, program, packed_module):
        monkeypatch.setattr(where, "archive_path", lambda: str(pyz))
    root = ["--root", str(tmp_path / "image")]
    assert main(["service", "install", *root, "--", *CSI]) == 0
    assert (tmp_path / "image/opt/catseye/small.pyz").read_bytes() == pyz.read_bytes()
    assert main(["service", "status", *root]) == 0


def test_secrets_are_in_a_file_for_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PAGE", "http://0.0.0.0:8080?token=S3-of-the-page")
    camera = "rtsp://me:S3-of-the-camera@h/x"
    sink = ["--sink", "env://PAGE"]
    words = ["--root", str(tmp_path), "--", "road", "--source", camera, *sink]
    assert main(["service", "install", *words]) == 0
    unit = (tmp_path / "etc/systemd/system/catseye-road.service").read_text()
    assert "run road --source env://CATSEYE_ADDRESS_1 --sink env://PAGE\n" in unit
    assert "\nEnvironmentFile=/etc/catseye/road.env\n" in unit
    kept = tmp_path / "etc/catseye/road.env"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "CATSEYE_ADDRESS_1=%s" % camera in kept.read_text().replace('"', "")
    assert "PAGE=http://0.0.0.0:8080?token=S3" in kept.read_text().replace('"', "")
    assert main(["service", "install", "--dry-run", *words]) == 0
    assert main(["service", "install", "--root", str(tmp_path), "--", "road", *CSI]) == 0
    assert not kept.exists()  # the unit names none any more
    before = kept.parent / "road.env.previous"  # which the unit before does
    assert "S3" in before.read_text() and before.stat().st_mode & 0o777 == 0o600
    assert main(["service", "remove", "--root", str(tmp_path)]) == 0
    assert not before.exists()
    heard = capsys.readouterr()
    assert "S3" not in unit + heard.out + heard.err and "replaces" in heard.err
