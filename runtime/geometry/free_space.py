"""Free distance along lines on the ground: to the first of them that is not free.

Knows lines of samples; not where they lead. One sample alone stops nobody: a mask has specks.
"""

from typing import NamedTuple

import numpy as np


class FreeDistances(NamedTuple):
    """m: (A,) along each line.  beyond: (A,) bool: nothing was met as far as the line is seen, and
    the distance is at least that.  met: (A,) int: the sample that is not free, 0 for none.
    wheeled: (A,) bool: that is a vehicle."""

    m: np.ndarray
    beyond: np.ndarray
    met: np.ndarray
    wheeled: np.ndarray


def free_distances(free: np.ndarray, seen: np.ndarray, distances_m: np.ndarray) -> FreeDistances:
    """free, seen: (A, B) bool, along A lines.  distances_m: (B,), of the samples, from near to far.

    What is not seen does not stop a line between samples that are; a line that is not free where it
    is first seen has distance 0.
    """
    blocked = seen & ~free
    pairs = blocked[:, :-1] & blocked[:, 1:]
    stopped, first = pairs.any(axis=1), pairs.argmax(axis=1)
    between = np.concatenate(([0.0], (distances_m[1:] + distances_m[:-1]) / 2))
    any_seen = seen.any(axis=1)
    last = len(distances_m) - 1 - seen[:, ::-1].argmax(axis=1)
    begins = seen.argmax(axis=1)
    to_there = np.where(first > begins, between[first], 0.0)
    to_end = np.where(any_seen, distances_m[last], 0.0)
    return FreeDistances(
        np.where(stopped, to_there, to_end), ~stopped, first, np.zeros_like(stopped)
    )
