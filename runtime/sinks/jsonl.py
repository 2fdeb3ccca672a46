"""The `jsonl://` sink: one JSON object per line and per result. Knows the row, which
docs/uri-grammar.md describes."""

import json
import os
import sys
from typing import Optional

from catseye.runtime.errors import SinkError
from catseye.runtime.frame import Frame
from catseye.runtime.sinks.base import EndRun, Sink, WriteReport
from catseye.runtime.sinks.output_paths import (
    check_new_file,
    check_space,
    hold,
    write_error,
    writing,
)
from catseye.runtime.system.files import append_whole
from catseye.runtime.system.free_names import is_at
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks import Result

SCHEMA = 1


class JsonLinesSink(Sink):
    """Rows at the end of a file, each written whole, at once. What stands there is kept; a last
    line that an earlier run did not end is ended first.

    A file that is moved or removed meanwhile is made anew, so that logrotate may take it.
    """

    def __init__(self, path: str) -> None:
        """Raises SinkError where no file can be written at `path`, or another run writes it."""
        self.path = path
        self._folder = os.path.dirname(os.path.realpath(path))  # a link's disk is not its file's
        self._descriptor: Optional[int] = None
        self._made = False  # by this run, and empty so far
        # a pipe waits for its reader, and a device is whatever it is
        self._is_file = os.path.isfile(path) or not os.path.exists(path)
        if not os.path.exists(path) or os.path.isdir(path):
            check_new_file(path)
        if self._is_file:
            with writing(path):
                self._open()

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        row = line_from_result(frame, result, report).encode()
        try:
            with writing(self.path):
                self._put(row)
        except SinkError:
            self._close()  # tried again, it is opened again: a drive may have been away
            raise

    def _put(self, row: bytes) -> None:
        if self._descriptor is None or (self._is_file and not is_at(self.path, self._descriptor)):
            self._close()
            self._open()
        assert self._descriptor is not None
        if self._is_file:
            check_space(self._folder, len(row))
            end = os.fstat(self._descriptor).st_size
            append_whole(self._descriptor, _ending(self._descriptor, end) + row, end)
            self._made = False
            return
        try:
            while row:
                row = row[os.write(self._descriptor, row) :]
        except BrokenPipeError:
            raise EndRun() from None

    def _open(self) -> None:
        if not self._is_file:
            self._descriptor = os.open(self.path, os.O_WRONLY)
            return
        self._made = not os.path.exists(self.path)
        self._descriptor = os.open(self.path, os.O_RDWR + os.O_CREAT, 0o666)
        try:
            hold(self._descriptor, self.path)
        except SinkError:
            self._close()
            raise

    def close(self) -> None:
        """Bring the rows to the disk. Raises SinkError where that cannot be."""
        with writing(self.path):
            if self._made and self._descriptor is not None and is_at(self.path, self._descriptor):
                os.unlink(self.path)
            elif self._is_file and self._descriptor is not None:
                os.fsync(self._descriptor)
            self._close()

    def _close(self) -> None:
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)


def _ending(descriptor: int, end: int) -> bytes:
    """What ends the last line of a file of `end` bytes."""
    return b"" if end == 0 or os.pread(descriptor, 1, end - 1) == b"\n" else b"\n"


class JsonOutputSink(Sink):
    """Rows on standard output, each at once."""

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        try:
            sys.stdout.write(line_from_result(frame, result, report))
            sys.stdout.flush()
        # `| head`: what is still buffered must not fail again when Python ends
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise EndRun() from None
        except OSError as error:
            raise write_error("standard output", error) from error


def line_from_result(frame: Frame, result: Result, report: WriteReport) -> str:
    """The row of one result as a line; raises SinkError where a number is none (NaN), which JSON
    cannot say."""
    try:
        return json.dumps(row_of(frame, result, report), allow_nan=False) + "\n"
    except ValueError as error:
        raise no_json(frame, error) from error


def no_json(frame: Frame, error: ValueError) -> SinkError:
    """What is said of a result with a number that JSON has not."""
    return SinkError(
        "result %d is no JSON (%s)" % (frame.index, error),
        "finite numbers",
        "check the model with `catseye verify`",
    )


def row_of(frame: Frame, result: Result, report: WriteReport) -> JsonObject:
    """What is said of one result, in JSON types."""
    facts = report.facts
    return {
        "schema": SCHEMA,
        "index": frame.index,
        "source": frame.name or facts.source,
        "camera": frame.camera or None,
        "timestamp_ns": frame.timestamp_ns,
        "media_time_ns": frame.media_time_ns,
        "clock": facts.clock,
        "age_ms": round(facts.age_ms, 3),
        "skipped": facts.skipped,
        "stale": facts.stale,
        "state": facts.state.word,
        "why": facts.state.why,
        "alarms": list(facts.alarms),
        "failing": list(facts.failing),
        "health": facts.health.as_json() if facts.health else None,
        "task": result.task,
        "result": report.found,
        "stages_ms": facts.stages_ms,
    }
