"""The page's record button: starts and stops a recording beside the running loop. Knows where
recordings go."""

import os
import threading
import time
from typing import NamedTuple, Optional, Sequence

from catseye.runtime.engines.computed_by import About
from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame
from catseye.runtime.recording.entry import OF_ONE
from catseye.runtime.sinks.background import BackgroundSink, SinkStatistics
from catseye.runtime.sinks.base import WriteReport
from catseye.runtime.sinks.record import LogAddress, RecordSink, finish_if_cut
from catseye.runtime.system.files import make_folder
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks import Result

SUFFIX = ".mcap"


class RecorderStatus(NamedTuple):
    """path: of the recording that runs, else of the last one, "" where it holds nothing.
    seconds: since it began.  took: what it took so far, None while none runs."""

    path: str
    seconds: float = 0.0
    took: Optional[SinkStatistics] = None

    def as_json(self) -> JsonObject:
        if self.took is None:
            return {"on": False, "last": self.path}
        took = self.took
        return {
            "on": True,
            "path": self.path,
            "seconds": self.seconds,
            "written": took.written,
            "skipped": took.skipped,
            "lost": took.lost,
            "error": took.error,
        }


class Recorder:
    """At most one recording at a time; used by the loop and by the server's threads."""

    def __init__(self, folder: str, fps: float, cameras: Sequence[str] = OF_ONE) -> None:
        """cameras: the names of those whose results come."""
        self._folder, self._fps, self._cameras = folder, fps, cameras
        self._lock = threading.Lock()
        self._about: Optional[About] = None
        self._sink: Optional[BackgroundSink] = None
        self._record: Optional[RecordSink] = None  # what the sink writes, or wrote last
        self._last, self._begun_s = "", 0.0

    def begin(self, about: About) -> None:
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
            for name in sorted(os.listdir(self._folder)):
                if name.endswith(SUFFIX):
                    finish_if_cut(os.path.join(self._folder, name))
            path = os.path.join(self._folder, time.strftime("%Y%m%d-%H%M%S" + SUFFIX))
            record = RecordSink(LogAddress(path), self._fps, self._cameras)
            sink = BackgroundSink(record, path, newest_wins=True, cameras=self._cameras)
            if self._about is not None:
                sink.begin(self._about)
            self._record, self._begun_s = record, time.monotonic()
            self._sink = sink

    def stop(self) -> None:
        """Finish the recording, if there is one; raises SinkError where it cannot be
        finished."""
        with self._lock:
            sink, self._sink = self._sink, None
            if sink is not None and self._record is not None:
                try:
                    sink.close()
                finally:
                    self._last = self._record.path if sink.statistics().written else ""

    def status(self) -> RecorderStatus:
        """Whether it records, and what."""
        sink, record = self._sink, self._record
        if sink is None or record is None:
            return RecorderStatus(self._last)
        seconds = round(time.monotonic() - self._begun_s, 1)
        return RecorderStatus(record.path, seconds, sink.statistics())
