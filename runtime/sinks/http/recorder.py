"""The page's record button: starts and stops a recording beside the running loop. Knows where
recordings go."""

import os
import threading
import time
from typing import Any, Dict, Optional

from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame
from catseye.runtime.sinks.background import BackgroundSink
from catseye.runtime.sinks.base import WriteReport
from catseye.runtime.sinks.record import RecordSink
from catseye.runtime.system.files import make_folder
from catseye.runtime.tasks import Result


class Recorder:
    """At most one recording at a time; used by the loop and by the server's threads."""

    def __init__(self, folder: str, fps: float) -> None:
        self._folder, self._fps = folder, fps
        self._lock = threading.Lock()
        self._about: Dict[str, Any] = {}
        self._sink: Optional[BackgroundSink] = None
        self._path, self._begun_s = "", 0.0

    def begin(self, about: Dict[str, Any]) -> None:
        self._about = about

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        sink = self._sink
        if sink is not None:
            sink.write(frame, result, report)

    def start(self) -> None:
        """Begin a recording; raises CatseyeError where one runs, SinkError where none can be
        written."""
        with self._lock:
            if self._sink is not None:
                raise CatseyeError("a recording runs already", "none", "stop it first")
            make_folder(self._folder)
            self._path = os.path.join(self._folder, time.strftime("%Y%m%d-%H%M%S.mcap"))
            sink = BackgroundSink(RecordSink(self._path, self._fps), self._path, newest_wins=True)
            sink.begin(self._about)
            self._sink, self._begun_s = sink, time.monotonic()

    def stop(self) -> None:
        """Finish the recording, if there is one; raises SinkError where it cannot be
        finished."""
        with self._lock:
            sink, self._sink = self._sink, None
            if sink is not None:
                sink.close()

    def status(self) -> Dict[str, Any]:
        """Whether it records, and what, in JSON types."""
        sink = self._sink
        if sink is None:
            return {"on": False, "last": self._path}
        took = sink.statistics()
        return {
            "on": True,
            "path": self._path,
            "seconds": round(time.monotonic() - self._begun_s, 1),
            "written": took.written,
            "skipped": took.skipped,
            "lost": took.lost,
            "error": took.error,
        }
