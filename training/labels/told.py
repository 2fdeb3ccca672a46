"""What is said of long work on labels: how far it is, and what was noticed and let pass, each kind
with its number and first place."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

# what goes through items and tells how far it is: items, what they are
Watched = Callable[[Sequence[Any], str], Iterable[Any]]

# what several formats come upon
NOT_THERE = "pictures that the labels name are not there, left out"
UNLABELLED = "pictures without labels, left out"
BOXES = "boxes, which do not label pixels, left out"
LINES = "points and lines, which have no area, left out"
TOO_FEW = "polygons of fewer than three points, left out"


class Told:
    """Harmless things, counted, a line for each kind when all is read."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._first: dict[str, str] = {}

    def count(self, what: str, where: str = "", number: int = 1) -> None:
        """`number` more of a kind, such as "boxes, left out"; where: the file."""
        if number:
            self._counts[what] = self._counts.get(what, 0) + number
            self._first.setdefault(what, where)

    def has(self, what: str) -> bool:
        """Whether there was any of this kind."""
        return what in self._counts

    def as_json(self) -> dict[str, int]:
        """The number of each kind."""
        return dict(self._counts)

    def lines(self) -> list[str]:
        """Number, kind and first place of each kind, in the order in which they were met."""
        firsts = [f" (first: {first})" if first else "" for first in self._first.values()]
        return [f"{n} {what}{first}" for (what, n), first in zip(self._counts.items(), firsts)]
