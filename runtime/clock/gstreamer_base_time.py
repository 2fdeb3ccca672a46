"""The moment from which the time stamps of a GStreamer pipeline count, which OpenCV keeps to
itself.

A buffer's pts is its capture less the pipeline's base time, on the monotonic clock. GStreamer says
the base time in its log (category GST_CLOCK) when the pipeline starts, in the thread that starts
it: a function of ours is told, while a capture is opened. Knows libgstreamer, by ctypes, where
OpenCV has loaded it; not pipelines. Where whoever runs this looks at that log himself (GST_DEBUG),
nothing of it is touched and nothing known.
"""

import ctypes
import os
import re
import threading
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, Optional

from catseye.runtime.coding.gstreamer import LIBRARY

CATEGORY, DEBUG = b"GST_CLOCK", 5
SAID = re.compile(rb"set base_time=(\d+):(\d\d):(\d\d)\.(\d{9})")
LOG_FUNCTION = ctypes.CFUNCTYPE(
    None,
    *(ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int),
    *(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p),
)


class _Listener:
    """Hears what GStreamer logs, while somebody opens a pipeline."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._library: Any = None
        self._opening = 0  # pipelines
        self.said_ns: Dict[int, int] = {}  # by thread
        self._told = LOG_FUNCTION(self._hear)  # which must live as long as the library

    def begin(self) -> bool:
        """Whether it hears."""
        with self._lock:
            if self._library is None:
                self._library = self._loaded()
            if self._opening == 0:
                self._library.gst_debug_set_threshold_for_name(CATEGORY, DEBUG)
            self._opening += 1
            self.said_ns.pop(threading.get_ident(), None)
        return True

    def end(self) -> None:
        with self._lock:
            self._opening -= 1
            if self._opening == 0:
                self._library.gst_debug_unset_threshold_for_name(CATEGORY)

    def _loaded(self) -> Any:
        """The library, which writes its log to us alone. Raises OSError or AttributeError where it
        is not there, or was built without a log."""
        library = ctypes.CDLL(LIBRARY)
        library.gst_debug_message_get.restype = ctypes.c_char_p
        library.gst_debug_message_get.argtypes = [ctypes.c_void_p]
        library.gst_debug_remove_log_function.argtypes = [ctypes.c_void_p]
        library.gst_debug_add_log_function.argtypes = [LOG_FUNCTION, *2 * [ctypes.c_void_p]]
        library.gst_init(None, None)
        # which prints, and without GST_DEBUG has nothing to print
        printer = ctypes.cast(library.gst_debug_log_default, ctypes.c_void_p)
        library.gst_debug_remove_log_function(printer)
        library.gst_debug_add_log_function(self._told, None, None)
        library.gst_debug_set_active(1)
        return library

    def _hear(self, *said: Any) -> None:
        match = SAID.match(self._library.gst_debug_message_get(said[6]) or b"")
        if match is not None:
            hours, minutes, seconds, rest_ns = (int(part) for part in match.groups())
            whole_s = 3600 * hours + 60 * minutes + seconds
            self.said_ns[threading.get_ident()] = whole_s * 10**9 + rest_ns


_listener = _Listener()


@contextmanager
def base_time_of_pipeline() -> Iterator[Callable[[], Optional[int]]]:
    """A block that starts one pipeline in this thread; what it gives says the base time in
    nanoseconds of time.monotonic, None where nobody knows."""
    thread = threading.get_ident()
    try:
        hears = not os.environ.get("GST_DEBUG") and _listener.begin()
    except (OSError, AttributeError):
        hears = False
    try:
        yield lambda: _listener.said_ns.get(thread) or None if hears else None
    finally:
        if hears:
            _listener.end()
