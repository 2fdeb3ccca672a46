"""The `record://` sink: frames with their results in a log that `replay://` reads. Knows where the
log is written."""

import itertools
import json
import logging
import os
from typing import Dict, Optional, Sequence

from catseye.runtime.engines.computed_by import About
from catseye.runtime.errors import CatseyeError, SinkError
from catseye.runtime.frame import Frame
from catseye.runtime.recording import LogWriter, finish_log, is_cut_short
from catseye.runtime.recording.log import OF_ONE
from catseye.runtime.sinks.base import Sink, WriteReport
from catseye.runtime.sinks.jsonl import row_of
from catseye.runtime.sinks.output_paths import (
    check_new_file,
    check_space,
    write_error,
)
from catseye.runtime.system.free_names import names_of
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks import Result

log = logging.getLogger("catseye")


class RecordSink(Sink):
    """A log that is begun with the first result. A log that was there before is kept: this one
    takes the next free name. path: the wanted one; from the first result on, the one that is
    written."""

    def __init__(self, path: str, fps: float, cameras: Sequence[str] = OF_ONE) -> None:
        """cameras: their names. Raises SinkError where no file can be written at `path`, or another
        run writes there."""
        self.path = self._wanted = path
        self._fps, self._cameras = fps, cameras
        self._folder = os.path.dirname(path) or "."
        self._about: Optional[About] = None
        self._log: Optional[LogWriter] = None
        check_new_file(path)
        for name in itertools.takewhile(os.path.exists, names_of(path)):
            finish_if_cut(name)

    def begin(self, about: About) -> None:
        self._about = about

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        """Append one frame. Raises SinkError where the disk takes no more, or the result holds a
        number that JSON has not."""
        try:
            check_space(self._folder, frame.image.nbytes)
            if self._log is not None and not self._log.is_there:
                self.close()  # taken away: what comes now begins a log of its own
            if self._log is None:
                self._log = LogWriter(self._wanted, self._metadata(report, result), self._cameras)
            hard = {"hard": list(report.facts.hard)} if report.facts.hard else {}
            is_first = not self._log.path
            self._log.append(frame, result, dict(row_of(frame, result, report), **hard))
            if is_first and self._log.path != self.path:
                log.info("%s is there: this run writes %s", self.path, self._log.path)
                self.path = self._log.path
        except OSError as error:
            raise write_error(self.path, error) from error
        except ValueError as error:  # JSON has no NaN
            raise SinkError(
                "result %d is no JSON (%s)" % (frame.index, error),
                "finite numbers",
                "check the model with `catseye verify`",
            ) from error

    def close(self) -> None:
        if self._log is not None:
            writer, self._log = self._log, None
            try:
                writer.close()
            except OSError as error:
                raise write_error(self.path, error) from error

    def _metadata(self, report: WriteReport, result: Result) -> Dict[str, str]:
        """Everything that a replay must know, as MCAP's metadata wants it: text by name."""
        metadata: JsonObject = {
            "source": report.facts.source,
            "task": result.task,
            "fps": self._fps,
        }
        if self._about is not None:
            metadata.update(self._about.as_json(), card=self._about.card.as_json())
        return {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in metadata.items()
        }


def finish_if_cut(path: str) -> None:
    """Give a log that a killed run left an end, so that every viewer opens it; another file, and
    what cannot be finished, stays as it is."""
    if not is_cut_short(path):
        return
    try:
        log.info("%s was cut short: finished, with %d frames", path, finish_log(path))
    except CatseyeError as error:
        log.warning("%s", error)
