"""Catseye as a service of the board: puts the program and its unit in place, asks how it does,
takes it away.

Knows systemctl and where files belong. With another root than / only files are written, for images
and tests.
"""

import os
import pwd
import shutil
import subprocess
import sys
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

from catseye.jetson.service.unit import STATE, UnitSettings, unit_text
from catseye.jetson.sysfs import text_at
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.packed import archive_path
from catseye.runtime.system.files import read_bytes, sha256_hex, write_bytes
from catseye.runtime.system.json_document import JsonObject

UNITS = "etc/systemd/system"
PROGRAMS = "opt/catseye"
PREVIOUS = ".previous"  # the program before this one, to roll back to
WANTED_GROUPS = ("video", "render")  # who may open cameras and the GPU; JetPack 4 has no render
PROPERTIES = ("ActiveState", "SubState", "Result", "NRestarts", "MainPID", "ActiveEnterTimestamp")


class InstalledService(NamedTuple):
    """One service below `root`. name: road, whose unit is catseye-road.service."""

    name: str
    root: str = "/"

    @property
    def unit(self) -> str:
        return "catseye-%s.service" % self.name

    @property
    def unit_path(self) -> str:
        return os.path.join(self.root, UNITS, self.unit)

    @property
    def program_path(self) -> str:
        """Where a .pyz is copied to: a home folder would be out of the service's sight."""
        return os.path.join(self.root, PROGRAMS, self.name + ".pyz")


class ServiceStatus(NamedTuple):
    """program_sha256: of its .pyz, None for an installed package.  state: what systemd says, None
    where it was not asked.  previous: whether the program before this one is kept."""

    unit: str
    installed: bool
    program_sha256: Optional[str]
    state: Optional[Dict[str, str]]
    previous: bool

    @property
    def ok(self) -> bool:
        """Whether it is there, and runs as far as systemd was asked."""
        return self.installed and (self.state or {}).get("ActiveState", "active") == "active"

    def as_json(self) -> JsonObject:
        return dict(self._asdict(), ok=self.ok)


def unit_settings(
    service: InstalledService, arguments: Sequence[str], writable: Sequence[str], watchdog_s: int
) -> UnitSettings:
    """What `install` will write: the .pyz at its new place, or the installed package where it
    is. Raises CatseyeError for a folder that is not there."""
    program: Tuple[str, ...] = (sys.executable, "-m", "catseye")
    if archive_path() is not None:
        program = (sys.executable, "/" + os.path.relpath(service.program_path, service.root))
    for folder in writable:
        if not os.path.isdir(os.path.join(service.root, folder.lstrip("/"))):
            raise CatseyeError(
                "no folder %s" % folder,
                "one that is there when the service starts",
                "make it first",
            )
    return UnitSettings(
        name="catseye-" + service.name,
        program=program,
        arguments=tuple(arguments),
        groups=groups_of(service.root),
        writable=tuple(writable),
        watchdog_s=watchdog_s,
    )


def groups_of(root: str) -> Tuple[str, ...]:
    """Those of WANTED_GROUPS that the system has: a unit that names another does not start."""
    known = {line.split(":")[0] for line in text_at(root, "etc/group").splitlines()}
    return tuple(group for group in WANTED_GROUPS if group in known)


def install(service: InstalledService, settings: UnitSettings) -> List[str]:
    """Copy the program, write the unit, and where root is / make the user and start it. Returns
    what was done. Raises CatseyeError without the right to do it, or where systemd refuses."""
    require_root(service.root)
    done = _put_program(service)
    write_bytes(service.unit_path, unit_text(settings).encode("utf-8"))
    done.append("wrote " + service.unit_path)
    if service.root == "/":
        _make_user(settings.user)
        _systemctl("daemon-reload")
        _systemctl("enable", service.unit)
        _systemctl("restart", service.unit)
        done.append("started %s; see: journalctl -fu %s" % (service.unit, service.unit))
    return done


def status(service: InstalledService) -> ServiceStatus:
    """Whether it is there and how it does. Raises CatseyeError where systemd is asked in vain."""
    installed = os.path.exists(service.unit_path)
    program = (
        sha256_hex(read_bytes(service.program_path))
        if os.path.exists(service.program_path)
        else None
    )
    state: Optional[Dict[str, str]] = None
    if installed and service.root == "/":
        lines = _systemctl("show", service.unit, "--property=" + ",".join(PROPERTIES)).splitlines()
        state = dict(line.split("=", 1) for line in lines if "=" in line)
    return ServiceStatus(
        unit=service.unit,
        installed=installed,
        program_sha256=program,
        state=state,
        previous=os.path.exists(service.program_path + PREVIOUS),
    )


def remove(service: InstalledService) -> List[str]:
    """Stop it and delete unit and program; what it has recorded stays. Raises CatseyeError where
    there is none, or no right to do it."""
    require_root(service.root)
    if not os.path.exists(service.unit_path):
        raise CatseyeError(
            "no service %s" % service.unit, "one that was installed", "look in " + UNITS
        )
    if service.root == "/":
        _systemctl("disable", "--now", service.unit)
    paths = [service.unit_path, service.program_path, service.program_path + PREVIOUS]
    done = []
    for path in paths:
        if os.path.exists(path):
            os.unlink(path)
            done.append("removed " + path)
    if service.root == "/":
        _systemctl("daemon-reload")
    return done + ["kept what it wrote in " + STATE]


def require_root(root: str) -> None:
    """Raise CatseyeError unless this user may write below `root` as services need it."""
    if root == "/" and os.geteuid() != 0:
        raise CatseyeError("no right to change services", "root", "put sudo before the command")


def _put_program(service: InstalledService) -> List[str]:
    """Copy this .pyz to its place, the one before kept beside it; nothing to do for an installed
    package."""
    source = archive_path()
    if source is None or (
        os.path.exists(service.program_path) and os.path.samefile(source, service.program_path)
    ):
        return []
    data = read_bytes(source)
    if os.path.exists(service.program_path) and read_bytes(service.program_path) != data:
        shutil.copy2(service.program_path, service.program_path + PREVIOUS)
    write_bytes(service.program_path, data)
    return ["copied %s to %s" % (source, service.program_path)]


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


def _systemctl(*words: str) -> str:
    return _told("systemctl", *words)


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
            mend="see: journalctl -xe",
        )
    return out.decode("utf-8", "replace")
