"""What systemd and the user database are told. Knows their commands; not what a service is."""

import pwd
import subprocess
from typing import Dict

from catseye.jetson.service.unit import STATE
from catseye.runtime.errors import CatseyeError

PROPERTIES = ("ActiveState", "SubState", "Result", "NRestarts", "MainPID", "ActiveEnterTimestamp")


def start(unit: str, user: str) -> None:
    """Make the user, and start the unit now and at every start of the board. Raises CatseyeError
    where systemd refuses."""
    _make_user(user)
    _told("systemctl", "daemon-reload")
    _told("systemctl", "enable", unit)
    _told("systemctl", "restart", unit)


def stop(unit: str) -> None:
    """Stop the unit, now and for ever. Raises CatseyeError where systemd refuses."""
    _told("systemctl", "disable", "--now", unit)


def forget_removed() -> None:
    """Let systemd see that units are gone. Raises CatseyeError where it refuses."""
    _told("systemctl", "daemon-reload")


def state_of(unit: str) -> Dict[str, str]:
    """PROPERTIES as systemd says them. Raises CatseyeError where it is asked in vain."""
    lines = _told("systemctl", "show", unit, "--property=" + ",".join(PROPERTIES)).splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _make_user(user: str) -> None:
    """A user of the system without home and shell, unless it is there."""
    try:
        pwd.getpwnam(user)
    except KeyError:
        _told(
            "useradd",
            "--system",
            "--user-group",
            "--no-create-home",
            "--home-dir",
            STATE,
            "--shell",
            "/usr/sbin/nologin",
            user,
        )


def _told(*command: str) -> str:
    """What a command of the system prints; CatseyeError with its own words where it fails or is not
    there."""
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except OSError as error:
        raise CatseyeError(
            "cannot run %s (%s)" % (command[0], error.strerror),
            "a system with systemd",
            "use --dry-run for the unit's text",
        )
    out, err = process.communicate()
    if process.returncode:
        raise CatseyeError(
            "%s failed: %s"
            % (
                " ".join(command),
                err.decode("utf-8", "replace").strip() or "exit code %d" % process.returncode,
            ),
            fix="see: journalctl -xe",
        )
    return out.decode("utf-8", "replace")
