"""Standard error, which a program shares with native libraries: its own words are always heard,
theirs only where nobody says it better.

libpng, FFmpeg, V4L2 and NVIDIA's camera stack print to file descriptor 2 themselves, past Python;
whoever calls them says in one line what failed. Silence is of the whole process, so it surrounds
single calls, never a loop; a program therefore begins with `take_stderr`, after which nothing that
goes through `sys.stderr` can fall into another thread's silence. Knows descriptors; not what is
said.
"""

import io
import os
import sys
import threading
from contextlib import contextmanager, suppress
from typing import IO, Any, Callable, Iterator, List

STDERR = 2
_LOCK = threading.Lock()
# what descriptor 2 was before the first of those who redirect it now, then their descriptors; it
# points at the last
_TARGETS: List[int] = []


def take_stderr() -> None:
    """Give `sys.stderr` a descriptor of its own, a duplicate of 2 that no child inherits.

    For the start of a program, before a handler of its log is made; not for a library. A stderr
    that somebody has already led elsewhere (a test, a notebook) stays theirs. From then on a stderr
    that is closed, full or read by nobody loses words and ends nothing.
    """
    if sys.stderr is None:
        _fill_closed_stderr()
        descriptor, encoding = os.open(os.devnull, os.O_WRONLY), "utf-8"
    elif _is_shared():
        descriptor, encoding = os.dup(STDERR), sys.stderr.encoding
    else:
        return
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(_Unfailing(descriptor, "wb")),
        encoding=encoding,
        errors="backslashreplace",
        line_buffering=True,
    )


@contextmanager
def silenced_native_stderr() -> Iterator[None]:
    """Send what native code prints on stderr to nowhere while the block runs; in a process whose
    `sys.stderr` would fall silent with it, let it be heard."""
    if _is_shared():
        yield
        return
    with open(os.devnull, "wb") as nowhere, _stderr_to(nowhere.fileno()):
        yield


@contextmanager
def captured_native_stderr() -> Iterator[Callable[[], str]]:
    """Like `silenced_native_stderr`, but yields a function that tells, inside the block, what has
    been printed so far; where `sys.stderr` is caught too, it is all printed after the block."""
    with _nameless_file() as caught:

        def printed() -> bytes:
            return os.pread(caught.fileno(), os.fstat(caught.fileno()).st_size, 0)

        try:
            with _stderr_to(caught.fileno()):
                yield lambda: printed().decode("utf-8", "replace")
        finally:
            if _is_shared():
                with suppress(OSError):
                    os.write(STDERR, printed())


def _nameless_file() -> IO[bytes]:
    """In memory where Python has such files (3.8), so that no picture costs a file on the disk."""
    in_memory = getattr(os, "memfd_create", None)
    if in_memory is not None:
        return os.fdopen(in_memory("stderr"), "w+b")
    import tempfile  # which the others need not load

    return tempfile.TemporaryFile()


class _Unfailing(io.FileIO):
    """A file that takes everything: what the system refuses is lost."""

    def write(self, data: Any) -> int:
        try:
            written = super().write(data)
        except OSError:  # a full disk, a reader that left
            written = None
        return len(data) if written is None else written


def _is_shared() -> bool:
    """Whether Python writes its own words to descriptor 2."""
    try:
        return sys.stderr.fileno() == STDERR
    except (AttributeError, OSError, ValueError):  # None, or a stream without a descriptor
        return False


def _fill_closed_stderr() -> None:
    """Else the next file that is opened would get number 2, and native libraries would print into
    it."""
    if _is_open(STDERR):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, STDERR)
    if nowhere == STDERR:
        os.set_inheritable(STDERR, True)
    else:
        os.close(nowhere)


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
        return True
    except OSError:
        return False


@contextmanager
def _stderr_to(handle: int) -> Iterator[None]:
    """Several threads at once: the last to begin gets what is printed, and the last to end puts
    everything back; none waits for another, whose driver may hang."""
    with _LOCK:
        # closed in somebody's program: number 2 is nobody's, or a file of theirs
        redirects = sys.stderr is not None and _is_open(STDERR)
        if redirects:
            if not _TARGETS:
                _TARGETS.append(os.dup(STDERR))
            _TARGETS.append(handle)
            os.dup2(handle, STDERR)
    try:
        yield
    finally:
        if redirects:
            _end_redirection(handle)


def _end_redirection(handle: int) -> None:
    with _LOCK:
        _TARGETS.remove(handle)
        os.dup2(_TARGETS[-1], STDERR)
        if len(_TARGETS) == 1:
            os.close(_TARGETS.pop())
