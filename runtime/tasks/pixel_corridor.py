"""The corridor in pixels, for pictures whose camera nobody knows.

The rule. It starts in the lowest row with road, a bonnet's height up at most, at the run nearest
to the middle, and follows, row by row upwards, the run that overlaps the one below most. Each edge
is a median over five rows. Upwards it never widens, as what lies on flat ground does not: what is
more is cut off the side that jumped. It ends where it is a NARROWEST-th of the width. Knows rows of
a mask; nothing of metres.
"""

from typing import List, Tuple

import cv2
import numpy as np

from catseye.runtime.draw import ACCENT

BONNET = 0.25  # share of the rows that the car's own bonnet may hide at the bottom
NARROWEST = 64
MEDIAN = 5  # rows


def pixel_corridor(road: np.ndarray) -> np.ndarray:
    """(h, 2) int: first and last column of the corridor in the (h, w) bool mask of the road, -1
    where there is none."""
    spans = _followed(road)
    rows = np.flatnonzero(spans[:, 0] >= 0)[::-1]  # from the lowest up
    if len(rows):
        spans[rows] = _narrowing(_median(spans[rows]), int(road.shape[0] * BONNET))
        widths = spans[:, 1] - spans[:, 0] + 1
        narrow = rows[widths[rows] * NARROWEST < road.shape[1]]
        if len(narrow):
            spans[: narrow[0] + 1] = -1
    return spans


def draw_corridor(picture: np.ndarray, spans: np.ndarray) -> None:
    """Both edges into a (H, W, 3) uint8 picture. spans: (H, 2), -1 where there is none."""
    rows = np.flatnonzero(spans[:, 0] >= 0)
    if not len(rows):
        return
    for side in (0, 1):
        columns = spans[rows, side]
        # the ends and every turn; each point on the way would cost as much as they do
        turns = np.flatnonzero(np.diff(columns))
        kept = np.unique(np.concatenate(([0, len(rows) - 1], turns, turns + 1)))
        line = np.column_stack((columns[kept], rows[kept])).astype(np.int32)
        cv2.polylines(picture, [line.reshape(-1, 1, 2)], False, ACCENT, 2, cv2.LINE_AA)


def _followed(road: np.ndarray) -> np.ndarray:
    """(h, 2): the run of each row, -1 for none."""
    height, width = road.shape
    spans = np.full((height, 2), -1, np.int64)
    below, begun = (width // 2, width // 2), False
    for row, runs in zip(range(height - 1, -1, -1), reversed(_runs_of_rows(road))):
        if not runs:
            if begun or row < height * (1 - BONNET):
                break
            continue
        overlaps = [min(run[1], below[1]) - max(run[0], below[0]) for run in runs]
        if max(overlaps) < 0 and begun:
            break
        below = spans[row] = runs[overlaps.index(max(overlaps))]
        begun = True
    return spans


def _median(spans: np.ndarray) -> np.ndarray:
    """(K, 2) -> the same over MEDIAN rows."""
    half = MEDIAN // 2
    padded = np.concatenate((spans[:1].repeat(half, 0), spans, spans[-1:].repeat(half, 0)))
    shifted = np.stack([padded[at : at + len(spans)] for at in range(MEDIAN)])
    return np.sort(shifted, axis=0)[half]


def _narrowing(spans: np.ndarray, near: int) -> np.ndarray:
    """(K, 2) from the lowest row up -> the same, no wider than the widest of the `near` lowest,
    from there on no wider than the row below."""
    first, last = spans.T.tolist()
    at = int(np.argmax((spans[:, 1] - spans[:, 0])[: max(near, 1)]))
    for row in range(at + 1, len(first)):
        excess = (last[row] - first[row]) - (last[row - 1] - first[row - 1])
        if excess > 0:
            if first[row - 1] - first[row] > last[row] - last[row - 1]:
                first[row] += excess
            else:
                last[row] -= excess
    return np.array((first, last)).T


def _runs_of_rows(flags: np.ndarray) -> List[List[Tuple[int, int]]]:
    """First and last column of each run of True, by row of the (h, w) bool array."""
    height, width = flags.shape
    padded = np.zeros((height, width + 2), bool)
    padded[:, 1:-1] = flags
    # a begin and an end by turns, and no run goes on in the next row
    changes = np.flatnonzero(padded[:, 1:] != padded[:, :-1])
    rows, edges = np.divmod(changes, width + 1)
    runs: List[List[Tuple[int, int]]] = [[] for _ in range(height)]
    for row, first, end in zip(rows[::2].tolist(), edges[::2].tolist(), edges[1::2].tolist()):
        runs[row].append((first, end - 1))
    return runs
