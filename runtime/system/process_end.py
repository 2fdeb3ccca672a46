"""The end of the program while a thread is still in native code: a camera whose driver hangs, a
picture that is being encoded.

Python before 3.14 ends such a thread, when it comes back, by unwinding it through the native
frames. OpenCV 5.0 answers that by ending the process with SIGABRT (4.5.5 does not), so that a run
that ended well looks like a crash to systemd.
"""

import atexit
import os
import sys
import threading


def end_beside_threads(code: int) -> None:
    """Where daemon threads are left, do what Python does at its end, except to wake them, and end
    the process with `code`; return where there are none."""
    others = [
        thread for thread in threading.enumerate() if thread is not threading.current_thread()
    ]
    if not any(thread.daemon for thread in others):
        return
    for thread in others:
        if not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # nobody reads it any more
            pass
    os._exit(code)
