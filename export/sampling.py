"""A few items evenly spread over many: calibration frames of a drive, of a data set."""

from collections.abc import Iterable
from typing import TypeVar

FRAMES = 48  # calibration frames, of which a third is held out

Item = TypeVar("Item")


def evenly_spread(items: Iterable[Item], number: int = FRAMES) -> list[Item]:
    """At most `number` items at equal distances, from a sequence whose length is only known at its
    end."""
    kept: list[Item] = []
    stride = 1
    for index, item in enumerate(items):
        if index % stride == 0:
            kept.append(item)
        if len(kept) > number:
            kept, stride = kept[::2], 2 * stride
    return kept
