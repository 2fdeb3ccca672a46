"""Runs that are kept: a line of JSON for each, written as it ends, so that a study that was stopped
goes on after its last whole run."""

import json
import os
from collections.abc import Callable
from pathlib import Path

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.json_document import Json, JsonObject

DIGITS = 6  # significant ones of every number

Rows = list[list[float]]


class KeptRuns:
    """Rows of numbers by what describes their run; `path` "" keeps nothing."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Raises CatseyeError where `path` cannot be read or is a file of another kind."""
        self.path = Path(path) if path else None
        self.rows: dict[str, Rows] = {}
        if self.path is not None and self.path.exists():
            try:
                content = self.path.read_bytes()
            except OSError as error:
                raise CatseyeError(f"cannot read {path} ({error})", "a file", "name another")
            whole = content.split(b"\n")[:-1]  # a line cut off is a run to be run
            for number, line in enumerate(whole, 1):
                try:
                    kept = json.loads(line)
                    self.rows[_key(kept["run"])] = kept["rows"]
                except (ValueError, KeyError, TypeError) as error:
                    raise CatseyeError(
                        f"cannot read line {number} of {path} ({error})",
                        "a file that this command wrote",
                        "remove it",
                    )

    def rows_of(self, run: JsonObject, compute: Callable[[], Rows]) -> Rows:
        """The rows that are kept of such a run, else those of `compute`."""
        key = _key(run)
        if key not in self.rows:
            self.rows[key] = rows = [
                [float(f"{number:.{DIGITS}g}") for number in row] for row in compute()
            ]
            if self.path is not None:
                self._append({"run": run, "rows": rows})
        return self.rows[key]

    def _append(self, line: JsonObject) -> None:
        assert self.path is not None
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path, "ab+") as stream:
            size = stream.seek(0, os.SEEK_END)
            if size:  # what an interrupted write left behind the last whole line goes
                stream.seek(0)
                content = stream.read()
                if not content.endswith(b"\n"):
                    stream.truncate(content.rfind(b"\n") + 1)
            stream.write(json.dumps(line).encode() + b"\n")


def _key(run: Json) -> str:
    return json.dumps(run, sort_keys=True)
