"""The way through a corridor and how to steer along it.

The line in the middle of the edges is y = a + b x + c x^2: heading atan(b), curvature
2 c / (1 + b^2)^(3/2) at the vehicle. The hint is pure pursuit (R. C. Coulter, Implementation of the
Pure Pursuit Path Tracking Algorithm, CMU-RI-TR-92-01, 1992) for a vehicle of wheelbase L:
steering = atan(2 L sin(alpha) / l), alpha the angle, seen from the rear axle, of the point of the
way that lies l ahead of it. Knows vehicle coordinates; steers nothing.
"""

import math
from typing import NamedTuple, Optional, Tuple

import numpy as np

from catseye.runtime.geometry.camera_model import Vehicle
from catseye.runtime.geometry.corridor import Corridor

FITTED_M = 30.0  # as far as the edges are fitted
FEWEST, SHORTEST_M = 12, 4.0  # points and metres of the edges, or there is none
ROBUST_M, ROUNDS, TINY = 0.3, 4, 1e-6
LOOK_AHEAD_S, LOOK_AHEAD_M = 1.0, (6.0, 25.0)  # of the speed, within these
UNTOLD_LOOK_AHEAD_M = 10.0  # where nobody tells the speed


class Way(NamedTuple):
    """centre_m: (K, 2) x, y of the centre line.  offset_m: how far to the left of it the vehicle
    is.  heading_rad: of the centre line at the vehicle.  curvature_per_m: the same.  steering_rad:
    of the front wheels.  lookahead_m: from the rear axle to the point that is steered for."""

    centre_m: np.ndarray
    offset_m: float
    heading_rad: float
    curvature_per_m: float
    steering_rad: float
    lookahead_m: float


def way_through(
    corridor: Corridor, vehicle: Vehicle, speed_mps: Optional[float], is_lane: bool
) -> Optional[Way]:
    """None where the corridor is too short. is_lane: steer for its centre; else the vehicle keeps
    its place across the road, half its width from either edge at least."""
    fitted = parallel_edges(corridor)
    if fitted is None:
        return None
    a, b, c, farthest = fitted
    wanted = look_ahead_m(speed_mps)
    x = min(farthest, max(wanted - vehicle.rear_axle_m, 0.5))
    y = b * x + c * x * x + (a if is_lane else 0.0)
    y = _within(corridor, x, y, vehicle.width_m / 2)
    back = x + vehicle.rear_axle_m
    distance = math.hypot(back, y)
    sin_alpha = y / distance
    return Way(
        centre_m=centre_line(corridor),
        offset_m=-a,
        heading_rad=math.atan(b),
        curvature_per_m=2 * c / (1 + b * b) ** 1.5,
        steering_rad=math.atan(2 * vehicle.wheelbase_m * sin_alpha / distance),
        lookahead_m=distance,
    )


def look_ahead_m(speed_mps: Optional[float]) -> float:
    if speed_mps is None:
        return UNTOLD_LOOK_AHEAD_M
    least, most = LOOK_AHEAD_M
    return min(max(LOOK_AHEAD_S * speed_mps, least), most)


def centre_line(corridor: Corridor) -> np.ndarray:
    """(K, 2): the middle between the edges; where one is out of sight, half of the width of the
    nearest place that shows both from the other."""
    both = corridor.both_seen()
    if not both.any():
        return np.zeros((0, 2))
    rows = np.flatnonzero(both)
    width = np.interp(corridor.x_m, corridor.x_m[rows], (corridor.left_m - corridor.right_m)[rows])
    middle = np.where(
        both,
        (corridor.left_m + corridor.right_m) / 2,
        np.where(corridor.left_seen, corridor.left_m - width / 2, corridor.right_m + width / 2),
    )
    shown = np.logical_or(corridor.left_seen, corridor.right_seen)
    return np.column_stack((corridor.x_m, middle))[shown]


def parallel_edges(corridor: Corridor) -> Optional[Tuple[float, float, float, float]]:
    """a, b, c of the centre line, and the x up to which it was fitted; None where too little of the
    edges is seen.

    Both edges are y = a + b x + c x^2 with a b and c in common. Least squares again and again, each
    time with the weights 1 / (1 + (r / ROBUST_M)^2) of the residuals r: what stands at the edge, or
    opens in it, is passed by.
    """
    near = corridor.x_m <= FITTED_M
    left, right = corridor.left_seen & near, corridor.right_seen & near
    x = np.concatenate((corridor.x_m[left], corridor.x_m[right]))
    if not left.any() or not right.any() or len(x) < FEWEST or np.ptp(x) < SHORTEST_M:
        return None
    y = np.concatenate((corridor.left_m[left], corridor.right_m[right]))
    is_left = np.concatenate((np.ones(left.sum()), np.zeros(right.sum())))
    terms = np.stack([is_left, 1 - is_left, x, x * x])
    weights = np.ones_like(x)
    for _ in range(ROUNDS):
        weighted = terms * weights
        found = np.linalg.solve(weighted.dot(terms.T) + TINY * np.eye(4), weighted.dot(y))
        weights = 1 / (1 + ((found.dot(terms) - y) / ROBUST_M) ** 2)
    a_left, a_right, b, c = found.tolist()
    return (a_left + a_right) / 2, b, c, float(x.max())


def _within(corridor: Corridor, x: float, y: float, half_m: float) -> float:
    """y at x, half a vehicle from either edge of the corridor."""
    left = float(np.interp(x, corridor.x_m, corridor.left_m)) - half_m
    right = float(np.interp(x, corridor.x_m, corridor.right_m)) + half_m
    return min(max(y, right), max(left, right))
