"""The corridor on the ground: for every distance ahead, where the road that the vehicle can follow
ends to the left and to the right.

The rule. It begins at the nearest distance, with the run of road that the vehicle would drive on,
and goes on, from near to far, with the run that holds its way; where something stands in that, with
the one that overlaps the corridor most. A run is at least a vehicle wide, or the corridor ends.
It widens by WIDENING metres a metre, up to the width it had before, then by SLOW: mouths of side
roads are no part of it; what is more is cut off the side that jumped, whose edge is then not seen
there. Both edges are then a
median over five rows and a mean over three. Knows runs on a grid; not what made them road.
"""

from typing import Callable, List, NamedTuple, Optional, Tuple

import cv2
import numpy as np

WIDENING, SLOW = 0.5, 0.2
CUT_M = 0.3  # more than what a jagged edge is
MEDIAN, MEAN = 5, 3  # rows
BLOCKED = b"\1"


class Corridor(NamedTuple):
    """Row by row from near to far. x_m: (K,).  left_m, right_m: (K,), y of the edges.  left_seen,
    right_seen: (K,) bool: whether the edge is seen there, or the picture ends first.  left_road,
    right_road: (K,) bool: whether that edge is the road's, or of something that stands on it."""

    x_m: np.ndarray
    left_m: np.ndarray
    right_m: np.ndarray
    left_seen: np.ndarray
    right_seen: np.ndarray
    left_road: np.ndarray
    right_road: np.ndarray

    def both_seen(self) -> np.ndarray:
        return self.left_seen & self.right_seen

    def outline(self) -> np.ndarray:
        """(2 K, 2): up the left edge and down the right."""
        left = np.column_stack((self.x_m, self.left_m))
        right = np.column_stack((self.x_m, self.right_m))
        return np.concatenate((left, right[::-1]))

    def width_at(self, distance_m: float) -> Optional[float]:
        """None where the corridor does not go that far, or shows an edge less there."""
        if not len(self.x_m) or not self.x_m[0] <= distance_m <= self.x_m[-1]:
            return None
        row = int(np.searchsorted(self.x_m, distance_m))
        if not self.both_seen()[max(0, row - 1) : row + 1].all():
            return None
        return float(np.interp(distance_m, self.x_m, self.left_m - self.right_m))


class Grid(NamedTuple):
    """road, seen, standing: (R, C) bool; standing: where something is that stands on a road.  x_m:
    (R,) from near to far.  y_m: (C,) from left to right, evenly spaced.  shown: (R,) each, the
    first and the last column that is seen.  fine: of places in the flat grid, (N,), how much of the
    way from each column's middle to the next is road, 0-1."""

    road: np.ndarray
    seen: np.ndarray
    standing: np.ndarray
    x_m: np.ndarray
    y_m: np.ndarray
    shown: Tuple[np.ndarray, np.ndarray]
    fine: Callable[[np.ndarray], np.ndarray]


def corridor_of(grid: Grid, vehicle_width_m: float) -> Corridor:
    """The corridor in a grid; of no rows where the vehicle stands on no road."""
    blocked = cv2.medianBlur((grid.seen & ~grid.road).view(np.uint8), 3)
    column_m = float(grid.y_m[0] - grid.y_m[1])
    runs = _runs(blocked, grid, max(1, int(round(vehicle_width_m / column_m))))
    if not runs:
        return _empty()
    first, last = np.array(runs).T
    return _ended(_smoothed(_narrowed(_edges(grid, first, last, column_m))), vehicle_width_m)


def _edges(grid: Grid, first: np.ndarray, last: np.ndarray, column_m: float) -> Corridor:
    """Of the runs from column `first` to `last`, (K,), row by row."""
    count, most = len(first), len(grid.y_m) - 1
    begins = np.arange(count) * (most + 1)
    before, after = np.maximum(first - 1, 0), np.minimum(last + 1, most)
    beside = np.concatenate((begins + before, begins + after))  # of the left edges, then the right
    beyond = np.concatenate(
        (begins + np.maximum(before - 1, 0), begins + np.minimum(after + 1, most))
    )
    seen = grid.seen.take(beside) & np.concatenate((first > 0, last < most))
    road = seen & ~grid.standing.take(beside) & ~grid.standing.take(beyond)
    # where the picture ends first, the edge is there
    left = np.maximum(first, grid.shown[0][:count])
    right = np.minimum(last, grid.shown[1][:count])
    shares = grid.fine(np.concatenate((begins + before, begins + last))) * seen * column_m
    return Corridor(
        grid.x_m[:count],
        grid.y_m[left] + shares[:count],
        grid.y_m[right] - shares[count:],
        seen[:count],
        seen[count:],
        road[:count],
        road[count:],
    )


def _runs(blocked: np.ndarray, grid: Grid, least: int) -> List[Tuple[int, int]]:
    """First and last column of the corridor, row by row until it ends. blocked: (R, C) uint8, 0 or
    1."""
    count = blocked.shape[1]
    flat = blocked.tobytes()  # searched faster than an array
    way, half = int(np.argmin(np.abs(grid.y_m))), least // 2
    last = (way - half, way + half)
    runs: List[Tuple[int, int]] = []
    for begin in range(0, len(flat), count):
        before = flat.rfind(BLOCKED, begin, begin + way + 1)
        after = flat.find(BLOCKED, begin + way, begin + count)
        run = (
            before + 1 - begin if before >= 0 else 0,
            after - 1 - begin if after >= 0 else count - 1,
        )
        if run[1] - run[0] + 1 < least:  # where the way itself is blocked there is no run
            found = _overlapping(blocked[begin // count], last, least)
            if found is None:
                break
            run = found
        way = min(max(way, run[0] + half), run[1] - half)
        runs.append(run)
        last = run
    return runs


def _overlapping(
    blocked: np.ndarray, span: Tuple[int, int], least: int
) -> Optional[Tuple[int, int]]:
    """The run of at least so many columns that overlaps a span most; None for none."""
    edges = np.flatnonzero(np.diff(np.concatenate(([1], blocked, [1])).astype(np.int8)))
    best, most = None, 0
    for first, end in zip(edges[::2].tolist(), edges[1::2].tolist()):
        overlap = min(end - 1, span[1]) - max(first, span[0]) + 1
        if end - first >= least and overlap > most:
            best, most = (first, end - 1), overlap
    return best


def _narrowed(raw: Corridor) -> Corridor:
    """Without what opens too fast to be road ahead."""
    both = raw.both_seen()
    if not both.any():
        return raw
    left, right, x = raw.left_m.tolist(), raw.right_m.tolist(), raw.x_m.tolist()
    left_seen, right_seen, left_road, right_road = (column.copy() for column in raw[3:])
    begin = int(both.argmax())
    widest = left[begin] - right[begin]
    for row in range(begin + 1, len(x)):
        width, step = left[row - 1] - right[row - 1], x[row] - x[row - 1]
        most = max(min(width + WIDENING * step, widest), width + SLOW * step)
        excess = left[row] - right[row] - most
        if excess > 0:
            if left[row] - left[row - 1] > right[row - 1] - right[row]:
                left[row] -= excess
                left_seen[row] &= excess < CUT_M
                left_road[row] &= excess < CUT_M
            else:
                right[row] += excess
                right_seen[row] &= excess < CUT_M
                right_road[row] &= excess < CUT_M
        widest = max(widest, left[row] - right[row])
    edges = np.array(left), np.array(right)
    return Corridor(raw.x_m, *edges, left_seen, right_seen, left_road, right_road)


def _smoothed(raw: Corridor) -> Corridor:
    return raw._replace(left_m=_over_rows(raw.left_m), right_m=_over_rows(raw.right_m))


def _over_rows(values: np.ndarray) -> np.ndarray:
    """The median of MEDIAN rows, then the mean of MEAN."""
    middle = np.sort(_shifted(values, MEDIAN), axis=0)[MEDIAN // 2]
    return np.asarray(_shifted(middle, MEAN).sum(axis=0) / MEAN)


def _shifted(values: np.ndarray, size: int) -> np.ndarray:
    """(size, K): the rows around each, the ends repeated."""
    half, count = size // 2, len(values)
    padded = np.empty(count + 2 * half)
    padded[half : half + count] = values
    padded[:half], padded[half + count :] = values[0], values[-1]
    return np.stack([padded[at : at + count] for at in range(size)])


def _ended(corridor: Corridor, vehicle_width_m: float) -> Corridor:
    """Up to where it is narrower than the vehicle."""
    narrow = corridor.left_m - corridor.right_m < vehicle_width_m
    if not narrow.any():
        return corridor
    end = int(narrow.argmax())
    return Corridor(*(column[:end] for column in corridor))


def _empty() -> Corridor:
    none, no = np.zeros(0), np.zeros(0, bool)
    return Corridor(none, none, none, no, no, no, no)
