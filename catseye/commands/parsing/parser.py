"""What all verbs share: argument errors in one line, JSON on stdout, words on stderr."""

import argparse
import json
import sys
from typing import Any, Iterable, Sequence

from catseye.commands.parsing.nearest import nearest
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.masking import masked_text

DATA_HELP = (
    "folder of mnist/, camvid/, bsds/, or a road data set (docs/data.md), or demo; default"
    " $CATSEYE_DATA"
)


UNKNOWN = "unrecognized arguments: "  # how argparse begins


class Parser(argparse.ArgumentParser):
    """argparse whose complaint is one line and exit code 2, like every other complaint."""

    def __init__(self, verb: str, description: str) -> None:
        super().__init__(prog="catseye " + verb, description=description, allow_abbrev=False)

    def error(self, message: str) -> None:  # type: ignore[override]
        """What argparse calls for bad arguments. Raises CatseyeError."""
        mend = "see `%s --help`" % self.prog
        if message.startswith(UNKNOWN):
            word = message[len(UNKNOWN) :].split()[0].partition("=")[0]
            mend = nearest(word, list(self._option_string_actions)) or mend
        raise CatseyeError(message, mend=mend)


def say(text: str) -> None:
    """Text for people, its secrets masked: stderr, so that stdout stays clean for JSON."""
    print(masked_text(text), file=sys.stderr)


def print_json(document: Any) -> None:
    """One JSON document on stdout."""
    print(json.dumps(document, indent=2))


def say_table(heading: Sequence[object], rows: Iterable[Sequence[object]]) -> None:
    """Columns of text for people."""
    cells = [[_cell(value) for value in row] for row in (heading, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells)]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip() for row in cells
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    say("\n".join(lines))


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return "%.4g" % value if isinstance(value, float) else str(value)
