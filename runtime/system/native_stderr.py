"""Keeps OpenCV's own libraries from talking over the one line that a user is told.

libpng, FFmpeg, V4L2 and NVIDIA's camera stack print to file descriptor 2 themselves, past Python;
whoever calls them says what failed. Process-wide while it lasts, so it surrounds single short
calls, never a loop; one thread at a time.
"""

import os
import tempfile
import threading
from contextlib import contextmanager
from typing import Callable, Iterator

_ONE_AT_A_TIME = threading.RLock()  # two at once would put back each other's silence


@contextmanager
def silenced_native_stderr() -> Iterator[None]:
    """Send what native code prints on stderr to nowhere while the block runs."""
    with open(os.devnull, "wb") as nowhere, _ONE_AT_A_TIME, _stderr_to(nowhere.fileno()):
        yield


@contextmanager
def captured_native_stderr() -> Iterator[Callable[[], str]]:
    """Like `silenced_native_stderr`, but yields a function that tells, inside the block, what has
    been printed so far."""
    with tempfile.TemporaryFile() as heard, _ONE_AT_A_TIME, _stderr_to(heard.fileno()):
        yield lambda: os.pread(heard.fileno(), os.fstat(heard.fileno()).st_size, 0).decode(
            "utf-8", "replace"
        )


@contextmanager
def _stderr_to(handle: int) -> Iterator[None]:
    try:
        saved = os.dup(2)
    except OSError:  # a service may have closed stderr: nothing to keep quiet
        yield
        return
    try:
        os.dup2(handle, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
