"""What all verbs share: argument errors in one line, JSON on stdout, words on stderr."""

import argparse
import json
import logging
import sys
from typing import Any, Callable, Iterable, List, Optional, Sequence, Tuple

from catseye.commands.parsing.progress import hide_bar
from catseye.runtime.errors import CatseyeError, nearest
from catseye.runtime.system.masking import masked_text

DATA_HELP = (
    "folder of mnist/, camvid/, bsds/, or a road data set (docs/data.md), or demo; default"
    " $CATSEYE_DATA"
)


# how argparse begins
UNKNOWN = "unrecognized arguments: "
MISSING = "the following arguments are required: "


LOG = logging.getLogger("catseye")  # what every verb's -q and -v turn down and up


class Parser(argparse.ArgumentParser):
    """argparse whose complaint is one line and exit code 2, like every other complaint; every verb
    has -q and -v.

    before_parsing: told of each parser before it reads a word; the shell's completion looks at it.
    """

    before_parsing: Callable[["Parser"], None] = staticmethod(lambda parser: None)

    def __init__(self, verb: str, description: str) -> None:
        super().__init__(prog="catseye " + verb, description=description, allow_abbrev=False)
        loudness = self.add_mutually_exclusive_group()
        loudness.add_argument(
            "-q", "--quiet", action="store_true", help="print results and problems only"
        )
        loudness.add_argument(
            "-v", "--verbose", action="store_true", help="print every step, with the time"
        )

    def parse_known_args(  # type: ignore[override]
        self, args: Optional[Sequence[str]] = None, namespace: Optional[argparse.Namespace] = None
    ) -> Tuple[argparse.Namespace, List[str]]:
        """As argparse does; from then on the log is as loud as was asked for."""
        self._typed = list(sys.argv[1:] if args is None else args)
        self.before_parsing(self)
        found, unknown = super().parse_known_args(args, namespace)
        quiet, verbose = (vars(found).pop(name) for name in ("quiet", "verbose"))
        if quiet or verbose:
            LOG.setLevel(logging.WARNING if quiet else logging.DEBUG)
        return found, unknown

    def error(self, message: str) -> None:  # type: ignore[override]
        """What argparse calls for bad arguments. Raises CatseyeError."""
        if message.startswith(MISSING):  # perhaps since it was mistyped
            unknown = next(filter(self._is_unknown, self._typed), None)
            message = message if unknown is None else UNKNOWN + unknown
        meant = ""
        if message.startswith(UNKNOWN):
            meant = self.nearest_option(message[len(UNKNOWN) :].split()[0])
        raise CatseyeError(message, fix=meant or "see `%s --help`" % self.prog)

    def nearest_option(self, word: str) -> str:
        """`did you mean --X?` for an option that is none, "" where nothing is near."""
        if not self._is_unknown(word):
            return ""
        return nearest(word.partition("=")[0], list(self._option_string_actions))

    def _is_unknown(self, word: str) -> bool:
        """Whether the word is an option that this parser has not."""
        option = word.partition("=")[0]
        return option[2:] > "" and option[:2] == "--" and option not in self._option_string_actions

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """As argparse does, and names the choice that was meant."""
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            meant = nearest(str(value), [str(choice) for choice in action.choices or ()])
            if not meant:
                raise
            raise CatseyeError(str(error), fix=meant) from None


def say(text: str) -> None:
    """Text for people, its secrets masked: stderr, so that stdout stays clean for JSON."""
    hide_bar()
    print(masked_text(text), file=sys.stderr)


def remark(text: str) -> None:
    """Text for people that is neither a result nor trouble: -q leaves it out."""
    if LOG.isEnabledFor(logging.INFO):
        say(text)


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
