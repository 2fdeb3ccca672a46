"""What a service runs: its model, found and checked before anything is written, and a program that
the service's user can reach.

Knows model files and access rights; not where a service's files lie.
"""

import argparse
import os
import re
import stat
import subprocess
import sys
from typing import NamedTuple, Tuple

from catseye.runtime.engines.tensorrt.engine_file import is_engine, read_engine, side_file
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.load import load_model
from catseye.runtime.model_file.packed import archive_path, package_folder


class ServiceModel(NamedTuple):
    """name: of the model, as a service may be called.  files: what is copied for it, the first of
    which is MODEL; none for the model in a .pyz and a shipped one."""

    name: str
    files: Tuple[str, ...] = ()


def checked_model(text: str) -> ServiceModel:
    """What MODEL of `run` is, "" for the one in this .pyz. Raises CatseyeError for what cannot be
    read, or is no model file."""
    if text and os.path.isdir(text):
        raise CatseyeError("%s is a folder" % text, "a model file", "export the checkpoint first")
    if is_engine(text):
        return ServiceModel(_name_from(read_engine(text).name), (text, side_file(text)))
    model = load_model(text)
    return ServiceModel(_name_from(model.name), (text,) if os.path.isfile(text) else ())


def check_further_models(args: argparse.Namespace) -> None:
    """Raise CatseyeError where --monitor or --denoise of `run` is no model that the service finds
    from its own folder."""
    for option, text in (("--monitor", args.monitor), ("--denoise", args.denoise)):
        if text:
            load_model(text)
            if os.path.isfile(text) and not os.path.isabs(text):
                raise CatseyeError(
                    "%s %s" % (option, text), "its whole path: a service has a folder of its own"
                )


def check_reachable(user: str) -> None:
    """Raise CatseyeError where the service's user could not start this program: it lies in a folder
    that is closed to others, or is found only because of where it was started."""
    if archive_path() is None:
        _check_installed()
    paths = [sys.executable] + ([package_folder()] if archive_path() is None else [])
    for path in paths:
        closed = closed_part(path)
        if closed:
            raise CatseyeError(
                "%s is closed to the user %s, who is to run %s" % (closed, user, path),
                "a program that every user may read",
                "use a .pyz (`catseye pack`), which is copied, with the system's python3",
            )


def closed_part(path: str) -> str:
    """The part of a path that users without rights of their own may not read or pass, "" where
    there is none."""
    path = os.path.realpath(path)
    wanted = stat.S_IROTH if not os.path.isdir(path) else stat.S_IROTH + stat.S_IXOTH
    while True:
        if os.stat(path).st_mode & wanted != wanted:
            return path
        if path == "/":
            return ""
        path, wanted = os.path.dirname(path), stat.S_IXOTH


def _check_installed() -> None:
    """Raise CatseyeError where `python -m catseye` is nothing outside this shell and folder."""
    environment = {name: os.environ[name] for name in os.environ if name != "PYTHONPATH"}
    command = [sys.executable, "-m", "catseye", "--version"]
    process = subprocess.Popen(
        command, cwd="/", env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    if process.wait():
        raise CatseyeError(
            "catseye is not installed for %s" % sys.executable,
            "a .pyz or an installed package",
            "put model and program into one file with `catseye pack`, or install it with pip",
        )


def _name_from(model: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "-", model)
