"""Files that are whole or not there: written beside their name and renamed into place."""

import hashlib
import os
import struct
import zipfile
import zlib
from contextlib import ExitStack, contextmanager, suppress
from typing import Iterator, Tuple, Type

from catseye.runtime.errors import CatseyeError, SinkError
from catseye.runtime.system.staging import staged_file

# what zipfile raises on damaged bytes, which share no base class
BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,  # Python 3.6
    EOFError,
    KeyError,
    IndexError,
    OSError,
    OverflowError,
    RuntimeError,  # NotImplementedError too, of an unknown compression
)


@contextmanager
def written_beside(path: str) -> Iterator[str]:
    """Yield a temporary path in `path`'s folder; rename it to `path` when the block ends well, else
    remove it.

    The temporary name keeps the suffix, because writers such as OpenCV choose the format by it.
    What earlier processes left there when they were killed is removed. Raises SinkError where
    nothing can be written there.
    """
    with _staged(path) as temporary:
        yield temporary
        settle(temporary)
        os.replace(temporary, path)


def write_together(*files: Tuple[str, bytes]) -> None:
    """Replace files (path, content) that belong together, never leaving an old one beside a new.

    The first is the one that counts. The others are gone before it is replaced and come back right
    after it, so a process killed in between leaves the first whole and the others right or missing.
    Raises SinkError where they cannot be written; the first is then as it was.
    """
    with ExitStack() as stack:
        staged = [stack.enter_context(_holding(path, data)) for path, data in files]
        for path, _ in files[1:]:
            with suppress(FileNotFoundError):
                os.unlink(path)
        for temporary, (path, _) in zip(staged, files):
            os.replace(temporary, path)


def write_bytes(path: str, data: bytes, mode: int = 0o666) -> None:
    """Write `data` to `path` atomically, with these access rights as far as the umask allows.
    Raises SinkError where that cannot be."""
    with _holding(path, data, mode) as temporary:
        os.replace(temporary, path)


@contextmanager
def _holding(path: str, data: bytes, mode: int = 0o666) -> Iterator[str]:
    """A temporary file beside `path` with this content, on the disk."""
    with _staged(path) as temporary:
        with open(temporary, "wb") as stream:
            stream.write(data)
        settle(temporary, mode)
        yield temporary


@contextmanager
def _staged(path: str) -> Iterator[str]:
    """A temporary file beside `path`, gone at the end of the block if it has not been renamed."""
    if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
        # renamed over /dev/null, a file would stand where all programs expect the device
        raise SinkError("%s is a device or a pipe" % path, "a file", "choose another path")
    try:
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        descriptor, temporary = staged_file(path)
    except OSError as error:
        raise SinkError(
            "cannot write %s: %s" % (path, error.strerror),
            "a writable folder",
            "choose another path",
        )
    try:
        yield temporary
    except OSError as error:  # a full disk, or a folder of that name
        raise SinkError(
            "cannot write %s: %s" % (path, error.strerror or error),
            "a writable file",
            "choose another",
        )
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        os.close(descriptor)


def settle(temporary: str, mode: int = 0o666) -> None:
    """The usual access rights instead of a temporary file's, and all of it on the disk. Raises
    OSError."""
    os.chmod(temporary, mode & ~_umask())
    with open(temporary, "rb") as written:
        os.fsync(written.fileno())


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
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        why = error.strerror if isinstance(error, OSError) else error
        raise kind("cannot read %r: %s" % (str(path), why), "a readable file", "check the path")


def sha256_hex(data: bytes) -> str:
    """SHA-256 of `data` as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
