"""The way through a corridor and how to steer along it.

The line in the middle of the edges is y = a + b x + c x^2: heading atan(b), curvature
2 c / (1 + b^2)^(3/2) at the vehicle. The hint is pure pursuit (R. C. Coulter, Implementation of the
Pure Pursuit Path Tracking Algorithm, CMU-RI-TR-92-01, 1992) for a vehicle of wheelbase L:
steering = atan(2 L sin(alpha) / l), alpha the angle, seen from the rear axle, of the point of the
way that lies l ahead of it. Knows vehicle coordinates; steers nothing.
"""

import math
from typing import NamedTuple, Optional

import numpy as np

from catseye.runtime.geometry.camera_model import CameraModel
from catseye.runtime.geometry.corridor import Corridor
from catseye.runtime.geometry.error_bars import WIDE

FITTED_M = 40.0  # as far as the edges are fitted
FEWEST, SHORTEST_M = 12, 8.0  # points and metres of the edges, or there is none
ROBUST_M, ROUNDS = 0.3, 3
NOISE_M, ALIKE = 0.15, 5.0  # of an edge, and how many rows in a row are off alike
HEADING_RAD, BEND_PER_M, LOOSE = 0.15, 0.01, 1e-6  # what is known before: standard deviations
MOST_UNSURE_RAD = 0.03  # of the front wheels: a hint that may be off by more is none
NOD_RAD = math.radians(0.2)  # by which every vehicle's pitch changes
LOOK_AHEAD_S, LOOK_AHEAD_M = 1.0, (6.0, 25.0)  # of the speed, within these
UNTOLD_LOOK_AHEAD_M = 10.0  # where nobody tells the speed


class Way(NamedTuple):
    """offset_m: how far to the left of the centre line the vehicle is, None where one edge is not
    seen.  heading_rad: of the centre line at the vehicle.
    curvature_per_m: the same.  steering_rad: of the front wheels, and what it may
    be off by.  lookahead_m: from the rear axle
    to the point that is steered for.  Heading, curvature and steering are None where the last may
    be off by more than MOST_UNSURE_RAD."""

    offset_m: Optional[float]
    heading_rad: Optional[float]
    curvature_per_m: Optional[float]
    steering_rad: Optional[float]
    steering_error_rad: float
    lookahead_m: float


class Edges(NamedTuple):
    """The edges of a road as parallel parabolas, left_m + slope x + bend x^2 and the same with
    right_m; None for one that is not seen."""

    left_m: Optional[float]
    right_m: Optional[float]
    slope: float
    bend: float
    covariance: np.ndarray  # (2, 2) of slope and bend

    def centre_m(self) -> Optional[float]:
        if self.left_m is None or self.right_m is None:
            return None
        return (self.left_m + self.right_m) / 2

    def inside(self, y: float, margin_m: float) -> float:
        """y, so far from either edge; in the middle where the road is narrower than that."""
        centre = self.centre_m()
        if centre is not None and self.left_m is not None:
            room = max(self.left_m - centre - margin_m, 0.0)
            return min(max(y, centre - room), centre + room)
        if self.left_m is not None:
            return min(y, self.left_m - margin_m)
        return y if self.right_m is None else max(y, self.right_m + margin_m)


def way_through(
    corridor: Corridor, camera: CameraModel, speed_mps: Optional[float], is_lane: bool
) -> Optional[Way]:
    """None where the corridor is too short. is_lane: steer for its centre; else the vehicle keeps
    its place across the road, half its width from either edge at least. It does not go round what
    stands on the road: that is the free distance's to tell."""
    mount, vehicle = camera.mount, camera.vehicle
    fan_per_m = math.hypot(mount.pitch_error_rad, NOD_RAD) / mount.height_m
    fitted = parallel_edges(corridor, fan_per_m)
    if fitted is None:
        return None
    b, c, centre = fitted.slope, fitted.bend, fitted.centre_m()
    x = max(look_ahead_m(speed_mps) - vehicle.rear_axle_m, 0.5)
    beside = centre if is_lane and centre is not None else fitted.inside(0.0, vehicle.width_m / 2)
    y = beside + b * x + c * x * x
    distance = math.hypot(x + vehicle.rear_axle_m, y)
    ahead = np.array((x, x * x))
    off_m = WIDE * math.sqrt(float(ahead.dot(fitted.covariance).dot(ahead)))
    error_rad = 2 * vehicle.wheelbase_m * off_m / distance / distance
    is_sure = error_rad <= MOST_UNSURE_RAD
    return Way(
        offset_m=None if centre is None else -centre,
        heading_rad=math.atan(b) if is_sure else None,
        curvature_per_m=2 * c / (1 + b * b) ** 1.5 if is_sure else None,
        steering_rad=math.atan(2 * vehicle.wheelbase_m * y / distance / distance)
        if is_sure
        else None,
        steering_error_rad=error_rad,
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


def parallel_edges(corridor: Corridor, fan_per_m: float) -> Optional[Edges]:
    """None where too little of the road's own edges is seen; those that vehicles make tell nothing
    of its shape. fan_per_m: by what share of its distance ahead, in metres, a y may be off: what
    the pitch may be off by, over the height.

    A pitch that is off makes parallel edges a fan around the vehicle's axis, y (1 + f x) for y: its
    f is fitted too. Least squares again and again, each time with the weights
    1 / (1 + (r / ROBUST_M)^2) of the residuals r: what stands at the edge, or opens in it, is
    passed by.
    """
    near = corridor.x_m <= FITTED_M
    left, right = corridor.left_road & near, corridor.right_road & near
    x = np.concatenate((corridor.x_m[left], corridor.x_m[right]))
    if len(x) < FEWEST or np.ptp(x) < SHORTEST_M:
        return None
    y = np.concatenate((corridor.left_m[left], corridor.right_m[right]))
    is_left = np.concatenate((np.ones(left.sum()), np.zeros(right.sum())))
    terms = np.stack([is_left, 1 - is_left, x, x * x, x * y])
    prior = np.diag([LOOSE, LOOSE, *(1 / np.square((HEADING_RAD, BEND_PER_M / 2, fan_per_m)))])
    weights = np.full(len(x), 1 / (ALIKE * NOISE_M**2))
    start = weights
    for _ in range(ROUNDS):
        weighted = terms * weights
        precision = weighted.dot(terms.T) + prior
        covariance = np.linalg.inv(precision)
        found = covariance.dot(weighted.dot(y))
        weights = start / (1 + ((found.dot(terms) - y) / ROBUST_M) ** 2)
    return Edges(
        float(found[0]) if left.any() else None,
        float(found[1]) if right.any() else None,
        float(found[2]),
        float(found[3]),
        covariance[2:4, 2:4],
    )
