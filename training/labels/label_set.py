"""What a reader of another tool's labels hands over: classes, and pictures with what is labelled
in them.

A mask holds codes: a class by its place, VOID where the labels say that nothing is known, and REST
(shapes.py) where no label lies.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from catseye.runtime.classes import (
    LONGEST_NAME,
    VOID,
    ClassTable,
    Colour,
    listed,
    with_missing_colours,
)
from catseye.runtime.errors import CatseyeError, nearest
from catseye.training.labels.shapes import Shape

MOST_CLASSES = 253
TYPING_MISTAKE = 0.75  # likeness of "vodi" and "void"
VOID_NAMES = (
    "void",
    "ignore",
    "_ignore_",
    "__ignore__",
    "unlabeled",
    "unlabelled",
)
BACKGROUND_NAMES = ("background", "_background_", "__background__")


class LabelledPicture(NamedTuple):
    """One picture of a label set.

    picture: its path.  name: of a file with its folders, whose stem it is to have.  split: train,
    val, test or "".  labels: where they stand, for errors.  shapes: what is drawn, or mask: () ->
    (H, W) uint8 codes, which raises CatseyeError for what is no mask.  size_wh: of the picture as
    the labels say it, None where they do not.  content: () -> the bytes of a picture that is within
    the labels and nowhere else; raises CatseyeError too.
    """

    picture: str
    name: str
    split: str
    labels: str
    shapes: Sequence[Shape] = ()
    mask: Callable[[], np.ndarray] | None = None
    size_wh: tuple[int, int] | None = None
    content: Callable[[], bytes] | None = None


class LabelSet(NamedTuple):
    """classes: of the codes.  order: how the tool itself draws shapes, "" where it wrote masks."""

    classes: "Classes"
    pictures: list[LabelledPicture]
    order: str = ""


class Classes:
    """Classes as they are met: a code for each name, VOID for names that say so.

    names: by code.
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self._colours: list[Colour | None] = []
        self._spelt: dict[str, str] = {}

    def code(self, name: str, colour: Colour | None = None) -> int:
        """The code of a class, a new one if need be. Raises CatseyeError for no name, one that
        differs from another in its capitals alone, and too many."""
        name = name.strip()
        if name.lower() in VOID_NAMES:
            return VOID
        if name in self.names:
            return self.names.index(name)
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            raise CatseyeError(f"a class called {name[:60]!r}", "a name of printable characters")
        other = self._spelt.setdefault(name.casefold(), name)
        if other != name:
            raise CatseyeError(
                f"classes {other!r} and {name!r}", "names that differ in more than capitals",
                "rename one in the labels",
            )  # fmt: skip
        if len(self.names) == MOST_CLASSES:
            raise CatseyeError(f"more than {MOST_CLASSES} classes", f"{MOST_CLASSES} at most")
        self.names.append(name)
        self._colours.append(colour)
        return len(self.names) - 1

    def drop_last(self) -> None:
        """Forget the class that came last."""
        for each in (self.names, self._colours):
            each.pop()

    def rest(self, wanted: str) -> int:
        """The code of pixels under no label: of the class `wanted`, or of one that is called a
        background; VOID where wanted is "void". Raises CatseyeError for a name that looks like a
        mistyped one of these."""
        known = [name for name in self.names if name.lower() in BACKGROUND_NAMES]
        is_background = wanted.lower() in BACKGROUND_NAMES
        if not is_background and wanted not in self.names and wanted.lower() not in VOID_NAMES:
            known_words = [*self.names, VOID_NAMES[0], BACKGROUND_NAMES[0]]
            meant = nearest(wanted, known_words, TYPING_MISTAKE)
            if meant:  # a class of its own should be called otherwise
                raise CatseyeError(f"--rest {wanted!r}", f"{listed(self.names)} or void", meant)
        return self.code(known[0] if known and is_background else wanted)

    def table(self, road: str) -> ClassTable:
        """Names, colours of their own, and the road: a name, or "" for what is called so. Raises
        CatseyeError for a road that is no class, and for fewer than two classes."""
        if len(self.names) < 2:
            known = ", ".join(self.names) or "none"
            raise CatseyeError(f"the labels have one class or none ({known})", "two at least")
        given: list[Colour | None] = []
        for colour in self._colours:
            given.append(None if colour in given else colour)
        return ClassTable(tuple(self.names), with_missing_colours(given), self._road(road))

    def _road(self, wanted: str) -> int:
        if wanted and wanted not in self.names:
            raise CatseyeError(f"--road {wanted!r}", f"a class: {listed(self.names)}")
        if wanted:
            return self.names.index(wanted)
        for is_road in (_is_called_road, _is_drivable):
            found = [code for code, name in enumerate(self.names) if is_road(name.casefold())]
            if found:
                return found[0] if len(found) == 1 else VOID
        return VOID


def _is_called_road(name: str) -> bool:
    return name.rpartition("--")[2] in ("road", "roads", "roadway", "street")


def _is_drivable(name: str) -> bool:
    return name.startswith(("drivable", "driveable"))
