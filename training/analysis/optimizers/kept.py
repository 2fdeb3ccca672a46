"""Runs that are kept: a line of JSON for each, written as it ends, so that a study that was stopped
goes on after its last whole run."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.json_document import Json, JsonObject

DIGITS = 6  # significant ones of every number
BEGINNING = b'{"run": '  # of a line

Rows = list[list[float]]


class KeptRuns:
    """Rows of numbers by what describes their run; `path` "" keeps nothing."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Raises CatseyeError where `path` cannot be read or is a file of another kind."""
        self.path = Path(path) if path else None
        self.rows: dict[str, Rows] = {}
        if self.path is not None:
            if os.path.exists(path) and not os.path.isfile(path):  # a pipe or device may never end
                raise CatseyeError(f"cannot read {path} (no file)", "a file", "name another")
            try:
                content = self.path.read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return
            except OSError as error:
                raise CatseyeError(
                    f"cannot read {path} ({error.strerror})", "a file", "name another"
                ) from error
            *whole, cut_off = content.split(b"\n")  # which is a run to be run
            if not (cut_off.startswith(BEGINNING) or BEGINNING.startswith(cut_off)):
                raise _unreadable(path, len(whole) + 1, "not one of our lines")
            for number, line in enumerate(whole, 1):
                try:
                    kept = json.loads(line)
                    self.rows[_key(kept["run"])] = kept["rows"]
                except (ValueError, KeyError, TypeError) as error:
                    raise _unreadable(path, number, str(error))

    def rows_of(self, run: JsonObject, shape: tuple[int, int], compute: Callable[[], Rows]) -> Rows:
        """The rows that are kept of such a run, else those of `compute`. shape: how many, and of
        how many numbers. Raises CatseyeError where others are kept, and before a run whose rows
        could not be written."""
        key = _key(run)
        if key in self.rows and not _is_table(self.rows[key], shape):
            raise CatseyeError(
                f"rows in {self.path} that are no scores of {key}",
                f"{shape[0]} of {shape[1]} numbers",
                "remove that line",
            )
        if key not in self.rows:
            self._check_can_write()
            self.rows[key] = rows = [
                [float(f"{number:.{DIGITS}g}") for number in row] for row in compute()
            ]
            if self.path is not None:
                self._append({"run": run, "rows": rows})
        return self.rows[key]

    def _check_can_write(self) -> None:
        if self.path is None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            open(self.path, "ab").close()
        except OSError as error:
            raise CatseyeError(
                f"cannot write {self.path} ({error.strerror})", "a place for runs", "name another"
            ) from error

    def _append(self, line: JsonObject) -> None:
        assert self.path is not None
        with open(self.path, "ab+") as stream:
            size = stream.seek(0, os.SEEK_END)
            if size:  # what an interrupted write left behind the last whole line goes
                stream.seek(0)
                content = stream.read()
                if not content.endswith(b"\n"):
                    stream.truncate(content.rfind(b"\n") + 1)
            stream.write(json.dumps(line).encode() + b"\n")


def _is_table(rows: object, shape: tuple[int, int]) -> bool:
    try:
        table = np.array(rows, float)
    except (ValueError, TypeError):
        return False
    return table.shape == shape and not np.isnan(table).any()


def _unreadable(path: str | os.PathLike[str], number: int, why: str) -> CatseyeError:
    return CatseyeError(
        f"cannot read line {number} of {path} ({why})",
        "a file that this command wrote",
        "name another",
    )


def _key(run: Json) -> str:
    return json.dumps(run, sort_keys=True)
