"""Memory for the pictures of a film, used again once nobody holds a picture in it.

Large pictures that are made in one thread and given up in another go back to the system each time,
and come with new pages for the next: at 3840x2160 a twentieth of a run. Knows how many references
an array has (CPython's count, which views of it add to); not what is in it.
"""

import sys
from typing import List, Optional

import numpy as np

MOST = 4  # one decoded ahead, one in the loop, one that is written by each of two sinks


class ReusedPictures:
    """Of one source, and one thread."""

    def __init__(self) -> None:
        self._kept: List[np.ndarray] = []

    def free(self) -> Optional[np.ndarray]:
        """A picture that nobody else holds, nor a part of it; None where there is none."""
        for index in range(len(self._kept)):
            if _holders(self._kept, index) == ALONE:
                return self._kept[index]
        return None

    def keep(self, picture: np.ndarray) -> None:
        """Use its memory again when it is free; one of another size than the others takes their
        place."""
        if any(each is picture for each in self._kept):
            return
        self._kept = [each for each in self._kept if each.shape == picture.shape]
        if picture.base is None and len(self._kept) < MOST:
            self._kept.append(picture)


def _holders(pictures: List[np.ndarray], index: int) -> int:
    return sys.getrefcount(pictures[index])


ALONE = _holders([np.empty(0)], 0)  # what that is of one in a list and nowhere else
