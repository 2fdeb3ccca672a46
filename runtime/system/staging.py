"""Files on their way: made under a name of their own beside their place, locked by who writes them.

The lock (flock) dies with its owner, however that ends. So what a killed process left is told from
what is being written, and the next one that comes to the same folder removes it. Knows names and
locks; not what is written, nor when it takes its name.
"""

import fcntl
import os
import re
import shutil
from contextlib import contextmanager, suppress
from typing import Iterator, List, Set, Tuple

PREFIX = ".writing-"
LONGEST_END = 50  # letters of the wanted name: file systems take 255 bytes, four of a letter
# as tempfile makes them: what somebody else calls so is left alone
STAGED = re.compile(re.escape(PREFIX) + r"[a-z0-9_]{8}-")

_visited: Set[str] = set()  # folders, so that a file per frame does not list one per frame


def staged_file(path: str) -> Tuple[int, str]:
    """A new empty file beside `path`: its descriptor, which holds the lock until it is closed, and
    its name, which keeps the suffix. Raises OSError where none can be made."""
    import tempfile  # a run that writes no files need not load it

    folder, end = _folder_and_end(path)
    _visit(folder)
    while True:
        descriptor, temporary = tempfile.mkstemp(prefix=PREFIX, suffix=end, dir=folder)
        _lock(descriptor)
        if os.path.exists(temporary):
            return descriptor, temporary
        os.close(descriptor)  # taken for abandoned just before it was locked


@contextmanager
def staged_folder(path: str) -> Iterator[str]:
    """A new folder beside `path`; what is left of it at the end of the block is removed. Raises
    OSError where none can be made."""
    import tempfile

    folder, end = _folder_and_end(path)
    _visit(folder)
    temporary = tempfile.mkdtemp(prefix=PREFIX, suffix=end, dir=folder)
    descriptor = os.open(temporary, os.O_RDONLY)
    try:
        _lock(descriptor)
        os.makedirs(temporary, exist_ok=True)  # taken for abandoned just before it was locked
        yield temporary
    finally:
        os.close(descriptor)
        shutil.rmtree(temporary, ignore_errors=True)


def _folder_and_end(path: str) -> Tuple[str, str]:
    """Where a temporary file belongs, and how its name ends: as the wanted one does."""
    folder, name = os.path.split(os.path.abspath(path))
    return folder, "-" + name[-LONGEST_END:]


def _lock(descriptor: int) -> None:
    """Hold what is open there; who looks whether it is abandoned lets go of it at once."""
    with suppress(OSError):  # a file system without locks
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _visit(folder: str) -> None:
    if folder not in _visited:
        _visited.add(folder)
        remove_abandoned(folder)


def remove_abandoned(folder: str) -> List[str]:
    """Remove what killed processes left in `folder`, and nothing that a living one writes; returns
    the paths that are gone."""
    try:
        names = sorted(filter(STAGED.match, os.listdir(folder)))
    except OSError:  # not there, or not to be read
        return []
    return [path for path in (os.path.join(folder, name) for name in names) if _removed(path)]


def _removed(path: str) -> bool:
    """Whether nobody held it, and it is gone."""
    try:
        descriptor = os.open(path, os.O_RDONLY + os.O_NOFOLLOW + os.O_NONBLOCK)
    except OSError:  # gone meanwhile, or another user's
        return False
    try:
        # + is |, which vermin takes for a union of types
        fcntl.flock(descriptor, fcntl.LOCK_EX + fcntl.LOCK_NB)
        if os.path.isdir(path):
            shutil.rmtree(path)
        else:
            os.unlink(path)
    except OSError:  # held, or on a file system that cannot tell
        return False
    finally:
        os.close(descriptor)
    return True
