"""The `jsonl://` sink: one JSON object per line and per result. Knows the row, which
docs/uri-grammar.md describes."""

import errno
import io
import json
import os
import sys
from typing import Optional

from catseye.runtime.errors import SinkError
from catseye.runtime.frame import Frame
from catseye.runtime.sinks.base import EndRun, Sink, WriteReport
from catseye.runtime.sinks.output_paths import check_new_file, write_error
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks import Result

SCHEMA = 1


class JsonLinesSink(Sink):
    """Rows in a file. Each is written whole, at once; what an earlier run left is replaced by the
    first row."""

    def __init__(self, path: str) -> None:
        """Raises SinkError where no file can be written at `path`."""
        self.path = path
        self._stream: Optional[io.FileIO] = None
        self._begun = False
        if not os.path.exists(path) or os.path.isdir(path):
            check_new_file(path)
        elif not os.access(path, os.W_OK):
            raise SinkError(
                "%s may not be written" % path, "a writable file", "choose another path"
            )

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        row = line_from_result(frame, result, report).encode()
        try:
            if self._stream is None:
                self._stream = io.FileIO(self.path, "ab" if self._begun else "wb")
                self._begun = True
            written = self._stream.write(row)
            if written < len(row):
                self._take_back(written)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except BrokenPipeError:
            raise EndRun() from None
        except OSError as error:
            self.close()  # tried again, it is opened again: a drive may have been away
            raise write_error(self.path, error) from error

    def _take_back(self, written: int) -> None:
        """Cut off the part of a row that still fitted, so that the file holds whole rows only."""
        if self._stream is not None and self._stream.seekable():
            self._stream.truncate(self._stream.tell() - written)

    def close(self) -> None:
        if self._stream is not None:
            stream, self._stream = self._stream, None
            stream.close()


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
        raise SinkError(
            "result %d is no JSON (%s)" % (frame.index, error),
            "finite numbers",
            "check the model with `catseye verify`",
        ) from error


def row_of(frame: Frame, result: Result, report: WriteReport) -> JsonObject:
    """What is said of one result, in JSON types."""
    facts = report.facts
    return {
        "schema": SCHEMA,
        "index": frame.index,
        "source": frame.name or facts.source,
        "timestamp_ns": frame.timestamp_ns,
        "age_ms": round(facts.age_ms, 3),
        "skipped": facts.skipped,
        "stale": facts.stale,
        "health": facts.health.as_json() if facts.health else None,
        "task": result.task,
        "result": result.as_json(),
        "stages_ms": facts.stages_ms,
    }
