"""The command line: looks at the first word, imports that verb's module, and lets it do the rest.

Exit codes: 0 done; 1 a check failed; 2 bad usage or bad input, with one line that says what was
found, what was expected and what fixes it.
"""

import errno
import gc
import importlib
import logging
import os
import sys
from itertools import takewhile
from types import ModuleType
from typing import Dict, List, Optional

from catseye.commands import BOARD_VERBS, LOUDNESS, OF_NUMPY, VERBS
from catseye.commands.parsing.progress import hide_bar
from catseye.runtime.errors import CatseyeError, nearest
from catseye.runtime.model_file.installing import to_install
from catseye.runtime.model_file.packed import archive_path, version_text
from catseye.runtime.system.masking import masked_text
from catseye.runtime.system.native_stderr import take_stderr
from catseye.runtime.system.process_end import end_process
from catseye.runtime.system.process_list import hide_secrets_of_command_line
from catseye.runtime.version import VERSION

log = logging.getLogger("catseye")

STDOUT = 1
COMPLETING = "_ARGCOMPLETE"  # set by a shell that asks what the next word may be
# what every verb needs: the package for pip, and the system's
PACKAGES = {
    "numpy": ("numpy", "python3-numpy"),
    "cv2": ("opencv-python-headless", "python3-opencv"),
}
WORKSTATION = "there: pip install 'catseye[cpu]', or 'catseye[gpu]' with an NVIDIA card"
# files and sockets have errors of their own, so these are standard output's
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def main(argv: Optional[List[str]] = None) -> int:
    """Run `catseye VERB ...`; returns the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    if COMPLETING in os.environ and archive_path() is None:
        return _complete()
    if argv is None:
        hide_secrets_of_command_line()
    _fill_closed_stdout()  # first: whatever is opened next would get its number
    take_stderr()  # before the log's handler, which keeps the stream that it finds
    _begin_log()
    code = _exit_code_of(arguments)
    if argv is None:
        end_process(code)
    return code


def _exit_code_of(arguments: List[str]) -> int:
    try:
        code = _run_verb(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # the reader of standard output has what it wanted
        _drop_stdout()
        return 0
    except CatseyeError as error:
        log.debug("where that came from:", exc_info=True)
        hide_bar()
        print("catseye: %s" % error, file=sys.stderr)
        return error.exit_code
    except OSError as error:
        if error.errno not in NO_ROOM or error.filename is not None:
            raise
        _drop_stdout()
        full = CatseyeError(
            "cannot write standard output: %s" % error.strerror, "a place with room"
        )
        print("catseye: %s" % full, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


class MaskingFormatter(logging.Formatter):
    """A line of the log with the secrets of its addresses masked, whoever wrote it; what only -v
    shows has the seconds since the start."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one text."""
        text = "catseye: " + masked_text(super().format(record))
        if record.levelno > logging.DEBUG:
            return text
        return "%s  [%.3f s]" % (text, record.relativeCreated / 1e3)


class BesideABar(logging.StreamHandler):
    """The log on standard error, where the bar of a long work makes room for it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record."""
        hide_bar()
        super().emit(record)


def _begin_log() -> None:
    handler = BesideABar()
    handler.setFormatter(MaskingFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)  # of other packages
    log.setLevel(logging.INFO)  # until the verb's own -q or -v


def _complete() -> int:
    """Tell the shell what the word under its cursor may be."""
    try:
        from catseye.commands.completion.words import complete
    except ImportError:  # without argcomplete, the shell names files
        return 1
    return complete()


def _fill_closed_stdout() -> None:
    """What nobody wants to read goes nowhere."""
    if sys.stdout is None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        if nowhere != STDOUT:
            os.dup2(nowhere, STDOUT)
        sys.stdout = open(STDOUT, "w", encoding="utf-8", closefd=False)


def _drop_stdout() -> None:
    """What is still to be written goes nowhere, or the interpreter complains at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run_verb(arguments: List[str]) -> int:
    before = list(takewhile(lambda word: word in LOUDNESS, arguments))
    words = arguments[len(before) :]
    verb = words[0] if words else "--help"
    if verb in ("-h", "--help"):
        print(_help())
        return 0
    if verb == "--version":
        print(version_text(VERSION))
        return 0
    if verb not in _verbs():
        raise CatseyeError(
            "unknown command %r" % verb,
            "one of " + ", ".join(_verbs()),
            nearest(verb, list(_verbs())) or "see `catseye --help`",
        )
    try:
        module = _loaded(verb)
        code = module.main(words[1:] + before)
    except ImportError as error:  # some of a verb's own are imported when they are wanted
        raise _missing(error) from error
    log.debug("%s ends with %d", verb, code)
    return code


def _loaded(verb: str) -> ModuleType:
    """The module of a verb. What is loaded stays: to look through it for garbage, while it is being
    loaded and ever after, takes a tenth of a start."""
    collects = gc.isenabled()
    gc.disable()
    try:
        if verb in OF_NUMPY:
            importlib.import_module("numpy")
        module = importlib.import_module("catseye.commands." + verb)
    finally:
        if collects:
            gc.enable()
    # once: whoever calls this again has made garbage meanwhile
    if sys.version_info >= (3, 7) and not gc.get_freeze_count():  # novm
        gc.freeze()  # novm
    return module


def _missing(error: ImportError) -> Exception:
    """A package that is not here, or that does not fit, as one line; what is missing of ours is no
    such thing."""
    name = (error.name or "").split(".")[0]
    if name == "catseye":
        return error
    found, fix = (
        "%s cannot be imported (%s)" % (name or "a package", error),
        "see `catseye doctor`",
    )
    if not isinstance(error, ModuleNotFoundError):
        return CatseyeError(found, "it", fix)
    if name in PACKAGES:
        return CatseyeError(found, "it", to_install(*PACKAGES[name]) + "; " + fix)
    return CatseyeError(found, "the packages of a workstation", WORKSTATION)


def _verbs() -> Dict[str, str]:
    """The verbs that are here with what they do: on a board those that need no training and no
    export."""
    return VERBS if archive_path() is None else {verb: VERBS[verb] for verb in BOARD_VERBS}


def _help() -> str:
    lines = ["usage: catseye COMMAND ...", ""]
    lines += ["  %-10s %s" % item for item in _verbs().items()]
    more = "`catseye COMMAND --help` lists options; -q prints less, -v more. `catseye --version`."
    return "\n".join(lines + ["", more])


if __name__ == "__main__":
    sys.exit(main())
