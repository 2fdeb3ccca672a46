"""The end of the program, without taking the interpreter apart.

That frees one by one what the system frees at once, 30 ms of processor time beside NumPy, OpenCV
and onnxruntime. Nor does it end well while a thread is in native code, of a camera whose driver
hangs or a picture that is being encoded: Python before 3.14 ends such a thread, when it comes back,
by unwinding it through the native frames, and OpenCV 5.0 answers that by SIGABRT (4.5.5 does not),
so that a run that ended well looks like a crash to systemd.
"""

import atexit
import os
import sys
import threading
from typing import NoReturn


def end_process(code: int) -> NoReturn:
    """Do what Python does at its end before it takes itself apart: wait for threads that are no
    daemons, call what asked to be, write out what streams hold; and end the process with `code`."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:  # closed from the start
                stream.flush()
        except (OSError, ValueError):  # nobody reads it any more
            pass
    os._exit(code)
