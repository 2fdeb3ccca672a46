"""Where a sink may write: checked before the first frame, watched while it runs. Knows paths and
free space only."""

import os
import tempfile

from catseye.runtime.errors import SinkError

RESERVE_BYTES = 4 << 20  # left free, so that a video can still be finished when the disk fills


def check_new_file(path: str) -> None:
    """Raise SinkError unless a file could be written at `path`: its folder is there and takes
    files."""
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path):
        raise SinkError("%s is a folder" % path, "the name of a file", "choose another path")
    if not os.path.isdir(folder):
        raise SinkError(
            "no folder %s for %s" % (folder, path),
            "a folder that exists",
            "make it or choose another",
        )
    check_writable(folder)


def check_writable(folder: str) -> None:
    """Raise SinkError unless files can be made in `folder`; tried, since permissions alone tell
    little."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise write_error(folder, error) from error


def make_folder(path: str) -> None:
    """Make the folder where it is not there, in one that is. Raises SinkError where that cannot
    be."""
    parent = os.path.dirname(path.rstrip("/")) or "."
    if not os.path.isdir(path.rstrip("/") or "/"):
        if os.path.exists(path.rstrip("/")):
            raise SinkError("%s is a file" % path, "a folder", "choose another path")
        if not os.path.isdir(parent):
            raise SinkError(
                "no folder %s for %s" % (parent, path), "a folder that exists", "make it"
            )
        try:
            os.mkdir(path)
        except OSError as error:
            raise write_error(path, error) from error


def check_space(folder: str) -> None:
    """Raise SinkError when the disk is so full that what was written could soon not be
    finished."""
    disk = os.statvfs(folder)
    if disk.f_bavail * disk.f_frsize < RESERVE_BYTES:
        raise SinkError(
            "the disk of %s is full" % folder,
            "%d MB free" % (RESERVE_BYTES >> 20),
            "free some space; what was written before is kept",
        )


def write_error(path: str, error: OSError) -> SinkError:
    """An operating system's complaint about writing, as ours."""
    return SinkError(
        "cannot write %s: %s" % (path, error.strerror),
        "a writable place with room",
        "choose another path or free some space",
    )
