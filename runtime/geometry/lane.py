"""The vehicle's own lane within the corridor, where a model tells painted lines.

The rule: on either side of the vehicle a line is the nearest marking that fits a straight line with
the nearest ones of the other distances, within JUMP_M; dashes and gaps are bridged. There is a lane
where both sides have one over SPAN_M metres and it is as wide as a lane; else the corridor stays
what it was. Knows a grid of markings; not what made them.
"""

from typing import Optional

import numpy as np

from catseye.runtime.geometry.corridor import Corridor

SPAN_M, FEWEST = 6.0, 8  # metres that a line must be seen over, and rows
JUMP_M = 0.4
WIDTHS_M = (2.2, 5.0)  # of a lane, median
ROUNDS = 4


def own_lane(
    corridor: Corridor, marking: np.ndarray, columns_m: np.ndarray, vehicle_width_m: float
) -> Optional[Corridor]:
    """marking: (R, C) bool on the corridor's grid, rows from near to far.  columns_m: (C,), y from
    left to right. None where no lane can be told."""
    count = len(corridor.x_m)
    y = np.where(marking[:count], columns_m, np.nan)
    left = _line(corridor.x_m, np.where(y > 0, y, np.inf).min(axis=1) if count else y[:, 0])
    right = _line(corridor.x_m, np.where(y < 0, y, -np.inf).max(axis=1) if count else y[:, 0])
    if left is None or right is None:
        return None
    width = float(np.median(left - right))
    if not max(WIDTHS_M[0], vehicle_width_m) <= width <= WIDTHS_M[1]:
        return None
    inside_left = np.minimum(left, corridor.left_m)
    inside_right = np.maximum(right, corridor.right_m)
    within = inside_left - inside_right >= vehicle_width_m
    end = count if within.all() else int(within.argmin())
    seen = np.ones(count, bool)
    edges = (inside_left, inside_right, seen, seen, seen, seen)
    return Corridor(corridor.x_m[:end], *(column[:end] for column in edges))


def _line(x_m: np.ndarray, nearest_m: np.ndarray) -> Optional[np.ndarray]:
    """(K,) y of the parabola through the nearest markings by row, infinity for none; None where
    they are too few, or no line."""
    seen = np.isfinite(nearest_m)
    if seen.sum() < FEWEST:
        return None
    x, y = x_m[seen], nearest_m[seen]
    terms, weights = np.stack([np.ones_like(x), x, x * x]), np.ones_like(x)
    prior = np.diag([1e-6, 0.05, 5.0])
    for _ in range(ROUNDS):
        weighted = terms * weights
        found = np.linalg.solve(weighted.dot(terms.T) + prior, weighted.dot(y))
        off = np.abs(found.dot(terms) - y)
        weights = 1 / (1 + (off / JUMP_M) ** 2)
    on = x[off < JUMP_M]
    if len(on) < FEWEST or np.ptp(on) < SPAN_M:
        return None
    return np.asarray(found.dot(np.stack([np.ones_like(x_m), x_m, x_m * x_m])))
