"""Keeps OpenCV's own libraries from talking over the one line that a user is told.

libpng, FFmpeg and V4L2 print to file descriptor 2 themselves, past Python; whoever calls them says what failed.
Process-wide while it lasts, so it surrounds single short calls, never a loop; one thread at a time.
"""

import os
import threading
from contextlib import contextmanager
from typing import Iterator

_ONE_AT_A_TIME = threading.RLock()  # two at once would put back each other's silence


@contextmanager
def hushed() -> Iterator[None]:
    """Send what native code prints on stderr to nowhere while the block runs."""
    with _ONE_AT_A_TIME, _silenced():
        yield


@contextmanager
def _silenced() -> Iterator[None]:
    try:
        saved = os.dup(2)
    except OSError:  # a service may have closed stderr: nothing to keep quiet
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)
