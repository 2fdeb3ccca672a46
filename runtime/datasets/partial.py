"""Partial labels: what a pixel may be where its label leaves a choice.

With C classes, C + i in a mask stands for the i-th partial label of its data set. Knows class ids,
neither files nor networks.
"""

from typing import NamedTuple, Sequence, Tuple

import numpy as np

from catseye.runtime.classes import VOID

CODES = 256  # what a pixel of a mask can hold


class PartialLabel(NamedTuple):
    """The pixel is one of `classes` (ids), or, where they are excluded, none of them."""

    classes: Tuple[int, ...]
    excluded: bool

    def allowed(self, number: int) -> np.ndarray:
        """(number,) bool by class id: what the pixel may be."""
        return np.isin(np.arange(number), self.classes) != self.excluded

    def text(self, names: Sequence[str]) -> str:
        """Such as "none of Road, Pavement"."""
        listed = ", ".join(names[class_id] for class_id in self.classes)
        return ("none of " if self.excluded else "one of ") + listed


def allowed_by_code(number: int, partials: Sequence[PartialLabel]) -> np.ndarray:
    """(CODES, number) bool: the classes that a pixel of each code may be; all of them where nothing
    is said, as of VOID."""
    table = np.ones((CODES, number), bool)
    table[:number] = np.eye(number, dtype=bool)
    for code, partial in enumerate(partials, number):
        table[code] = partial.allowed(number)
    return table


def recoded(
    ids: Sequence[int], old: Sequence[PartialLabel], new: Sequence[PartialLabel]
) -> np.ndarray:
    """(CODES,) uint8: the code in a table with the partial labels `new` of each code in one with
    the labels `old`, whose classes have the ids `ids` there."""
    number, table = len(ids), np.full(CODES, VOID, np.uint8)
    table[:number] = ids
    for code, partial in enumerate(old, number):
        table[code] = number + list(new).index(renamed(partial, ids))
    return table


def renamed(partial: PartialLabel, ids: Sequence[int]) -> PartialLabel:
    """The same label where class i is called ids[i]."""
    return partial._replace(classes=tuple(sorted(ids[class_id] for class_id in partial.classes)))
