"""Files that are whole or not there: written beside their name and renamed into place."""

import hashlib
import os
import tempfile
from contextlib import contextmanager
from typing import Iterator, Type

from catseye.runtime.errors import CatseyeError, SinkError


@contextmanager
def written_beside(path: str) -> Iterator[str]:
    """Yield a temporary path in `path`'s folder; rename it to `path` when the block ends well, else
    remove it.

    The temporary name keeps the suffix, because writers such as OpenCV choose the format by it.
    Raises SinkError where nothing can be written there.
    """
    folder, name = os.path.split(os.path.abspath(path))
    try:
        os.makedirs(folder, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".writing-", suffix="-" + name, dir=folder)
    except OSError as error:
        raise SinkError(
            "cannot write %s: %s" % (path, error.strerror),
            "a writable folder",
            "choose another path",
        )
    os.close(handle)
    try:
        yield temporary
        os.chmod(temporary, 0o666 & ~_umask())
        with open(temporary, "rb") as written:
            os.fsync(written.fileno())
        os.replace(temporary, path)
    except OSError as error:  # a full disk, or a folder of that name
        os.unlink(temporary)
        raise SinkError(
            "cannot write %s: %s" % (path, error.strerror or error),
            "a writable file",
            "choose another",
        )
    except BaseException:
        os.unlink(temporary)
        raise


def write_bytes(path: str, data: bytes) -> None:
    """Write `data` to `path` atomically. Raises SinkError where that cannot be."""
    with written_beside(path) as temporary, open(temporary, "wb") as stream:
        stream.write(data)


def make_folder(path: str) -> None:
    """Make the folder and those above it; raises SinkError where that is impossible."""
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise SinkError(
            "cannot make %s: %s" % (path, error.strerror),
            "a writable folder",
            "choose another path",
        )


def append_whole(descriptor: int, data: bytes, end: int) -> None:
    """Write all of `data` at `end`, where the file ends, or none of it; raises OSError where there
    is no room."""
    try:
        done = 0
        while done < len(data):
            done += os.pwrite(descriptor, data[done:], end + done)
    except OSError:
        os.ftruncate(descriptor, end)
        raise


def read_bytes(path: str, kind: Type[CatseyeError] = CatseyeError) -> bytes:
    """The file's content. Raises a CatseyeError, of the kind that the file is, where it cannot be
    read."""
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError as error:
        raise kind(
            "cannot read %s: %s" % (path, error.strerror), "a readable file", "check the path"
        )


def sha256_hex(data: bytes) -> str:
    """SHA-256 of `data` as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
