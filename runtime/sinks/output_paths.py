"""Where a sink may write: checked before the first frame, watched while it runs. Knows paths, locks
and free space only.

What is there is never touched: where a name is taken, the next of NAME, NAME.1, NAME.2, ... is
used, a file's suffix kept. What another run writes at this moment is left to it.
"""

import fcntl
import itertools
import os
from contextlib import contextmanager, suppress
from typing import Callable, Iterator, Tuple

from catseye.runtime.errors import SinkError
from catseye.runtime.system.free_names import names_of
from catseye.runtime.system.staging import staged_file

RESERVE_BYTES = 4 << 20  # left free, so that a video can still be finished when the disk fills


def check_new_file(path: str) -> None:
    """Raise SinkError unless a file could be written at `path`, or beside it: its folder is there
    and takes files, and no other run writes there."""
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
    for taken in itertools.takewhile(os.path.exists, names_of(path)):
        check_not_held(taken)


def check_writable(folder: str) -> None:
    """Raise SinkError unless files can be made in `folder`; tried, since permissions alone tell
    little. What killed runs left there unfinished is removed."""
    try:
        descriptor, temporary = staged_file(os.path.join(folder, "tried"))
    except OSError as error:
        raise write_error(folder, error) from error
    os.unlink(temporary)
    os.close(descriptor)


def check_will_take(folder: str) -> None:
    """Raise SinkError unless files can be made in `folder`, or in the nearest one above it that is
    there, in which it is made."""
    while not os.path.lexists(folder):
        folder = os.path.dirname(folder) or "."
    if not os.path.isdir(folder):
        raise SinkError("%s is no folder" % folder, "a folder", "choose another path")
    check_writable(folder)


def hold(descriptor: int, path: str, how: int = fcntl.LOCK_EX) -> None:
    """Lock what is open there until it is closed. Raises SinkError where another run holds it."""
    try:
        fcntl.flock(descriptor, how + fcntl.LOCK_NB)  # + is |, which vermin takes for a union
    except BlockingIOError:
        raise SinkError(
            "another run writes %s" % path, "one run for each", "choose another path"
        ) from None
    except OSError:  # a file system without locks
        pass


def check_not_held(path: str) -> None:
    """Raise SinkError where another run holds the file; two that look hold up neither."""
    with suppress(OSError):  # another user's, or a socket
        # + is |; a pipe would wait for its writer
        descriptor = os.open(path, os.O_RDONLY + os.O_NONBLOCK)
        try:
            hold(descriptor, path, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)


def fresh_folder(path: str, is_fresh: Callable[[str], bool]) -> Tuple[str, int]:
    """The first of PATH, PATH.1, ... that `is_fresh` takes, made where it is missing, and a
    descriptor that keeps other runs out until it is closed.

    Raises SinkError where none can be made, one takes no files, or another run is in one.
    """
    path = path.rstrip("/") or "/"
    if os.path.basename(path) in (".", ".."):  # behind which no number makes a name
        path = os.path.abspath(path)
    names = itertools.chain([path], ("%s.%d" % (path, n) for n in itertools.count(1)))
    for name in names:
        make_folder(name)
        descriptor = held_folder(name)
        if is_fresh(name):
            return name, descriptor
        os.close(descriptor)
        if os.path.ismount(name):
            raise SinkError(
                "%s holds what an earlier run wrote" % name, "a folder on that disk", "name one"
            )
    raise AssertionError("names without end")


def held_folder(path: str) -> int:
    """A descriptor that keeps other runs out of a folder until it is closed. Raises SinkError where
    one is in it, or it takes no files."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError as error:
        raise write_error(path, error) from error
    try:
        hold(descriptor, path)
        check_writable(path)
    except SinkError:
        os.close(descriptor)
        raise
    return descriptor


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


def check_space(folder: str, wanted: int = 0) -> None:
    """Raise SinkError where so many more bytes would fill the disk so far that what was written
    could soon not be finished."""
    disk = os.statvfs(folder)
    if disk.f_bavail * disk.f_frsize - wanted < RESERVE_BYTES:
        raise SinkError(
            "the disk of %s is full" % folder,
            "%d MB free" % (RESERVE_BYTES >> 20),
            "free some space; what was written before is kept",
        )


@contextmanager
def writing(path: str) -> Iterator[None]:
    """Where the operating system complains inside the block, raise `write_error` of `path`."""
    try:
        yield
    except OSError as error:
        raise write_error(path, error) from error


def write_error(path: str, error: OSError) -> SinkError:
    """An operating system's complaint about writing, as ours."""
    return SinkError(
        "cannot write %s: %s" % (path, error.strerror),
        "a writable place with room",
        "choose another path or free some space",
    )
