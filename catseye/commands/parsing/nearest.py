"""Did you mean: the known word that a mistyped one is nearest to."""

import difflib
from typing import Sequence


def nearest(word: str, known: Sequence[str]) -> str:
    """`did you mean X?`, "" where nothing is near."""
    found = difflib.get_close_matches(word, known, 1)
    return "did you mean %s?" % found[0] if found else ""
