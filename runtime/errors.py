"""The one error that a user sees.

Knows how a complaint is worded (found, expected, mend); does not know who raises it. The command
line turns it into
one line on stderr and its exit code, so nothing a user can cause ends in a traceback.
"""


class CatseyeError(Exception):
    """Bad usage or bad input: a message that says what was found, what was expected and what mends
    it."""

    exit_code = 2

    def __init__(self, found: str, expected: str = "", mend: str = "") -> None:
        parts = [found]
        if expected:
            parts.append("expected " + expected)
        if mend:
            parts.append(mend)
        super().__init__(" ".join("; ".join(parts).split()))


class CheckFailed(CatseyeError):
    """Something that was made rightly and does not do what it must, such as an engine that breaks
    its golden frames."""

    exit_code = 1
