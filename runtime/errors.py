"""The errors that a user sees, and that a program can catch by kind.

Knows how a complaint is worded (found, expected, fix); does not know who raises it. The command
line turns it into one line on stderr and its exit code, so nothing a user can cause ends in a
traceback. Secrets in it are masked, whoever worded it.
"""

from typing import Sequence

from catseye.runtime.system.masking import masked_text


class CatseyeError(Exception):
    """Bad usage or bad input: a message that says what was found, what was expected and what fixes
    it.

    found, expected, fix: those three with their secrets masked, "" where there is nothing to say.
    exit_code: of the command line.

    >>> print(CatseyeError("no model 'raod'", "a path or road", "check the path"))
    no model 'raod'; expected a path or road; check the path
    """

    exit_code = 2

    def __init__(self, found: str, expected: str = "", fix: str = "") -> None:
        found, expected, fix = masked_text(found), masked_text(expected), masked_text(fix)
        self.found, self.expected, self.fix = found, expected, fix
        parts = [found, "expected " + expected if expected else "", fix]
        super().__init__(" ".join("; ".join(part for part in parts if part).split()))


class ModelFileError(CatseyeError):
    """A model file, engine, checkpoint or recording that is missing, damaged or of another kind."""


class SourceError(CatseyeError):
    """A camera, stream, video or picture that cannot be opened or read."""


class CameraLost(SourceError):
    """A camera that gave no picture for as long as its reader would wait."""


class SinkError(CatseyeError):
    """A place for results that cannot be opened or written."""


class BackendError(CatseyeError):
    """A backend, provider or driver that is missing, or does not run this model."""


class CheckFailed(CatseyeError):
    """Something that was made rightly and does not do what it must, such as an engine that breaks
    its golden frames."""

    exit_code = 1


def nearest(word: str, known: Sequence[str], likeness: float = 0.6) -> str:
    """`did you mean X?` of the known word that a mistyped one is nearest to; "" where nothing is
    near. likeness: difflib's ratio, from which on it is."""
    import difflib  # a run without an error need not load it

    found = difflib.get_close_matches(word, known, 1, likeness)
    return "did you mean %s?" % found[0] if found else ""
