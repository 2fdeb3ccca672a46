"""What the word under a shell's cursor may be: the verbs, and of each what its own parser knows.

Knows which arguments name models, addresses and files, by the names that all parsers call them;
imports the one verb that is being typed, and no torch.
"""

import argparse
import glob
import importlib
import os
from itertools import dropwhile
from typing import Any, Callable, Dict, List

import argcomplete
from argcomplete.completers import FilesCompleter, SuppressCompleter

from catseye.commands import LOUDNESS, VERBS
from catseye.commands.analyze import SUBJECTS
from catseye.commands.parsing.parser import Parser
from catseye.runtime.errors import CatseyeError

# what an argument is called, or its value
MODELS = {"model", "MODEL", "checkpoint", "CHECKPOINT", "models", "against"}
SOURCES, SINKS = {"source"}, {"sink"}
NO_FILES = {"NAME", "TEXT", "SECRET", "HOST", "HOST:PORT", "RULE", "URL", "OUTPUT", "SEQUENCE"}
NO_FILES_OF = {"split", "device", "name"}
MODEL_FILES = (".onnx", ".engine", ".pyz")

Words = Callable[..., Any]


def complete(**how: Any) -> int:
    """Answer the shell, which has said in the environment what is typed, and end; a return is an
    exit code for where nothing is known.  how: as argcomplete.autocomplete takes it."""
    line, point = os.environ.get("COMP_LINE", ""), os.environ.get("COMP_POINT", "")
    if not point.isdigit():
        return 1
    typed = argcomplete.split_line(line, int(point))[3][1:]  # whole ones before the cursor
    words = list(dropwhile(lambda word: word in LOUDNESS, typed))
    flags = len(typed) - len(words)
    if not words:
        _answer(_verbs_parser(), flags, how)
        return 1
    if words[0] not in VERBS:
        return 1
    module, rest = "catseye.commands." + words[0], words[1:]
    if words[0] == "analyze" and rest and rest[0] in SUBJECTS:
        module, rest = "%s.%s" % (module, rest[0]), rest[1:]
    Parser.before_parsing = staticmethod(lambda parser: _answer(parser, flags, how))
    try:
        importlib.import_module(module).main(rest)
    except (CatseyeError, ImportError):  # the shell names files
        pass
    return 1


def _answer(parser: argparse.ArgumentParser, flags: int, how: Dict[str, Any]) -> None:
    """flags: so many words before the verb."""
    Parser.before_parsing = staticmethod(lambda parser: None)  # argcomplete parses with it
    for action in parser._actions:  # argparse tells them nowhere else
        words = _words_of(action)
        if words is not None:
            action.completer = words  # type: ignore[attr-defined]  # where argcomplete looks
    # the words that are the program
    os.environ["_ARGCOMPLETE"] = str(len(parser.prog.split()) + flags)
    argcomplete.autocomplete(parser, always_complete_options=False, **how)


def _verbs_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="catseye", add_help=False)
    parser.add_argument("command").completer = lambda **_: VERBS  # type: ignore[attr-defined]
    for option in ("--help", "--version") + LOUDNESS:
        parser.add_argument(option, action="store_true")
    return parser


def _words_of(action: argparse.Action) -> "Words | None":
    """What else than files completes an argument's value; None where files do, or choices."""
    called = {action.dest, action.metavar}
    if action.choices is not None:
        return None
    if called & MODELS:
        return _models
    if called & SOURCES:
        return _sources
    if called & SINKS:
        return _sinks
    is_number = action.type is not None and "path" not in str(action.type).lower()
    if is_number or called & NO_FILES or action.dest in NO_FILES_OF:
        return SuppressCompleter()
    return None


def _models(prefix: str, **_: Any) -> List[str]:
    from catseye.runtime.model_file.load import zoo_names

    return zoo_names() + list(FilesCompleter(MODEL_FILES)(prefix))


def _sources(prefix: str, **_: Any) -> List[str]:
    from catseye.runtime.sources import SCHEMES

    begun = ["synthetic://road" if each == "synthetic" else each + "://" for each in SCHEMES]
    return begun + sorted(glob.glob("/dev/video*")) + list(FilesCompleter()(prefix))


def _sinks(prefix: str, **_: Any) -> List[str]:
    from catseye.runtime.sinks import SCHEMES

    return [each + "://" for each in SCHEMES] + list(FilesCompleter()(prefix))
