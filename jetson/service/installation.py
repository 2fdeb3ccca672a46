"""Catseye as a service of the board: puts the program, its model and its unit in place, asks how it
does, takes it away.

Knows where files belong. With another root than / only files are written, for images and tests.
"""

import os
import re
import shutil
import sys
from contextlib import suppress
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

from catseye.jetson.service import systemd
from catseye.jetson.service.environment import MODE, WordsAndSecrets, environment_text
from catseye.jetson.service.program import ServiceModel, check_reachable
from catseye.jetson.service.unit import STATE, UnitSettings, unit_text
from catseye.jetson.sysfs import text_at
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.packed import archive_path
from catseye.runtime.system.files import read_bytes, sha256_hex, write_bytes
from catseye.runtime.system.json_document import JsonObject

UNITS = "etc/systemd/system"
SECRETS = "etc/catseye"
PROGRAMS = "opt/catseye"
PREVIOUS = ".previous"  # the one before, to roll back to
MODELS = (".onnx", ".engine", ".engine.json")
WANTED_GROUPS = ("video", "render")  # who may open cameras and the GPU; JetPack 4 has no render


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
    def secrets_path(self) -> str:
        """The environment file; its owner alone may read it."""
        return os.path.join(self.root, SECRETS, self.name + ".env")

    @property
    def program_path(self) -> str:
        """Where a .pyz is copied to: a home folder would be out of the service's sight."""
        return self.kept_path(".pyz")

    def kept_path(self, suffix: str) -> str:
        """Where a file of the service lies: its program, its model."""
        return os.path.join(self.root, PROGRAMS, self.name + suffix)

    def seen(self, path: str) -> str:
        """A path below `root` as the service will see it."""
        return "/" + os.path.relpath(path, self.root)


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


class Plan(NamedTuple):
    """What `install` will write. unit: its text.  secrets: text of the environment file, "" for
    none.  copies: (from, to) of program and model."""

    service: InstalledService
    unit: str
    secrets: str
    copies: Tuple[Tuple[str, str], ...]


def plan_of(
    service: InstalledService,
    model: ServiceModel,
    run: WordsAndSecrets,
    writable: Sequence[str],
    watchdog_s: int,
) -> Plan:
    """What will be written: the .pyz at its new place, or the installed package where it is; a
    model file at its own. run: the options of `run`, MODEL among them. Raises CatseyeError for a
    folder that is not there."""
    for folder in writable:
        if not os.path.isabs(folder):
            raise CatseyeError("--write %s" % folder, "its whole path, which begins with /")
        if not os.path.isdir(os.path.join(service.root, folder.lstrip("/"))):
            raise CatseyeError(
                "no folder %s" % folder,
                "one that is there when the service starts",
                "make it first",
            )
    archive = archive_path()
    start = [service.seen(service.program_path)] if archive else ["-m", "catseye"]
    models = [(path, service.kept_path(_suffix(path))) for path in model.files]
    places = {source: service.seen(target) for source, target in models[:1]}
    settings = UnitSettings(
        name="catseye-" + service.name,
        program=(sys.executable, *start),
        arguments=tuple(places.get(word, word) for word in run.words),
        groups=groups_of(service.root),
        writable=tuple(writable),
        watchdog_s=watchdog_s,
        secrets=service.seen(service.secrets_path) if run.secrets else "",
    )
    copies = ([(archive, service.program_path)] if archive else []) + models
    return Plan(service, unit_text(settings), environment_text(run.secrets), tuple(copies))


def _suffix(path: str) -> str:
    return next(end for end in reversed(MODELS) if path.endswith(end) or end == MODELS[0])


def groups_of(root: str) -> Tuple[str, ...]:
    """Those of WANTED_GROUPS that the system has: a unit that names another does not start."""
    known = {line.split(":")[0] for line in text_at(root, "etc/group").splitlines()}
    return tuple(group for group in WANTED_GROUPS if group in known)


def replaced_by(plan: Plan) -> List[str]:
    """What is there already and will be replaced, a line each; [] for a service that is new."""
    lines = []
    if os.path.exists(plan.service.unit_path):
        before = _command_in(read_bytes(plan.service.unit_path).decode("utf-8", "replace"))
        words = "the same" if before == _command_in(plan.unit) else before
        lines.append("%s, which runs: %s" % (plan.service.unit, words))
    for source, target in plan.copies:
        if os.path.exists(target):
            before, after = (sha256_hex(read_bytes(path)) for path in (target, source))
            if before != after:
                text = "%s, sha256 %s, by %s, sha256 %s"
                lines.append(text % (target, before[:12], source, after[:12]))
    return lines


def _command_in(unit: str) -> str:
    found = re.search(r"(?m)^ExecStart=(.*)$", unit)
    return found.group(1) if found else "nothing"


def install(plan: Plan) -> List[str]:
    """Copy program and model, write the unit, and where root is / make the user and start it.
    Returns what was done. Raises CatseyeError without the right to do it, or where systemd
    refuses."""
    service, user = plan.service, UnitSettings._field_defaults["user"]
    require_root(service.root)
    if service.root == "/":
        check_reachable(user)
    done = []
    for source, target in plan.copies:
        if not (os.path.exists(target) and os.path.samefile(source, target)):
            _put(target, read_bytes(source))
            done.append("copied %s to %s" % (source, target))
    if plan.secrets:
        _put(service.secrets_path, plan.secrets.encode("utf-8"), MODE)
        done.append("wrote %s, for its owner alone" % service.secrets_path)
    _put(service.unit_path, plan.unit.encode("utf-8"))
    done.append("wrote " + service.unit_path)
    if not plan.secrets:
        with suppress(FileNotFoundError):  # the unit before, which is kept, named it
            os.replace(service.secrets_path, service.secrets_path + PREVIOUS)
    if service.root == "/":
        systemd.start(service.unit, user)
        done.append("started %s; see: journalctl -fu %s" % (service.unit, service.unit))
    return done


def _put(path: str, data: bytes, mode: int = 0o666) -> None:
    """Write a file whole; another one that is there is kept beside it, with its rights."""
    if os.path.exists(path) and read_bytes(path) != data:
        shutil.copy2(path, path + PREVIOUS)
    write_bytes(path, data, mode)


def status(service: InstalledService) -> ServiceStatus:
    """Whether it is there and how it does. Raises CatseyeError where systemd is asked in vain."""
    installed = os.path.exists(service.unit_path)
    program = (
        sha256_hex(read_bytes(service.program_path))
        if os.path.exists(service.program_path)
        else None
    )
    return ServiceStatus(
        unit=service.unit,
        installed=installed,
        program_sha256=program,
        state=systemd.state_of(service.unit) if installed and service.root == "/" else None,
        previous=os.path.exists(service.program_path + PREVIOUS),
    )


def remove(service: InstalledService) -> List[str]:
    """Stop it and delete unit, program, model and secrets; what it has recorded stays. Raises
    CatseyeError where there is none, or no right to do it."""
    require_root(service.root)
    if not os.path.exists(service.unit_path):
        names = ", ".join(names_below(service.root)) or "none"
        raise CatseyeError("no service %s" % service.unit, "one of: " + names, "see --name")
    if service.root == "/":
        systemd.stop(service.unit)
    paths = [service.unit_path] + [service.kept_path(end) for end in (".pyz",) + MODELS]
    paths.append(service.secrets_path)
    done = []
    for path in paths + [path + PREVIOUS for path in paths]:
        if os.path.exists(path):
            os.unlink(path)
            done.append("removed " + path)
    if service.root == "/":
        systemd.forget_removed()
    return done + ["kept what it wrote in " + STATE]


def names_below(root: str) -> List[str]:
    """Names of the services that are installed below `root`."""
    folder = os.path.join(root, UNITS)
    units = os.listdir(folder) if os.path.isdir(folder) else []
    found = (re.match(r"catseye-(.+)\.service$", unit) for unit in units)
    return sorted(match.group(1) for match in found if match)


def require_root(root: str) -> None:
    """Raise CatseyeError unless this user may write below `root` as services need it."""
    if root == "/" and os.geteuid() != 0:
        raise CatseyeError("no right to change services", "root", "put sudo before the command")
