"""The command line: looks at the first word, imports that verb's module, and lets it do the rest.

Exit codes: 0 done; 1 a check failed; 2 bad usage or bad input, with one line that says what was found, what was
expected and what mends it.
"""

import importlib
import logging
import sys
from typing import List, Optional

from catseye import __version__
from catseye.runtime.errors import CatseyeError

VERBS = {
    "train": "train a network on a data set",
    "eval": "measure a model on a data set",
    "export": "write a checkpoint as a model file",
    "verify": "compare a model with its golden frames or with its source",
    "run": "run a model on a camera, a video or pictures",
    "bench": "measure the speed of a model",
    "pack": "put the runtime and a model into one file for the board",
    "doctor": "say what is wrong with this machine, and the mend",
    "analyze": "measure what the lecture claims",
}


def main(argv: Optional[List[str]] = None) -> int:
    """Run `catseye VERB ...`; returns the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    logging.basicConfig(format="catseye: %(message)s", level=logging.INFO)
    try:
        return _run_verb(arguments)
    except CatseyeError as error:
        print("catseye: %s" % error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _run_verb(arguments: List[str]) -> int:
    verb = arguments[0] if arguments else "--help"
    if verb in ("-h", "--help"):
        print(_help())
        return 0
    if verb == "--version":
        print("catseye " + __version__)
        return 0
    if verb not in VERBS:
        raise CatseyeError("unknown command %r" % verb, "one of " + ", ".join(VERBS), "see `catseye --help`")
    return importlib.import_module("catseye.commands." + verb).main(arguments[1:])


def _help() -> str:
    lines = ["usage: catseye COMMAND ...", ""]
    lines += ["  %-8s %s" % item for item in VERBS.items()]
    return "\n".join(lines + ["", "`catseye COMMAND --help` tells more."])


if __name__ == "__main__":
    sys.exit(main())
