"""How a camera is mounted, from a drive: pitch and roll by where the road's edges meet, and the
bonnet as what never moves.

In each frame the two edges of the road lead to one vanishing point, which lies on the horizon:
straight ahead on a straight road, to the side in a bend. The line through these points is the
horizon; its height tells the pitch, its slope the roll. Knows masks and pictures; flat ground.
"""

import math
from typing import List, NamedTuple, Optional, Tuple

import cv2
import numpy as np

from catseye.runtime.errors import CheckFailed
from catseye.runtime.geometry.lens import Lens

FEWEST = 30  # vanishing points, or it was no drive
NOD_RAD = math.radians(0.2)  # by which every vehicle's pitch changes
BENDS = 0.05  # median of how far to the side the road leads, from which a drive has bends
ASIDE_RAD = math.radians(6.0)  # median of how far a road leads aside on the whole, at most
PARTS = 8  # of a drive, each of which errs by itself: what is wrong in one frame is in the next
MOST_ROLL = math.tan(math.radians(8.0))
MOST_ROLL_ERROR = math.radians(0.7)  # of a roll that is told
STRAIGHT_RAD = 0.01  # how far, on average, an edge may leave its line
WIDEST_YAW = math.radians(25.0)
SMALL_WH = (160, 90)  # of the pictures that are compared over time
STILL = 0.2  # of how much the lower half changes
LEAST_BONNET = 0.01  # of the picture
STEADY = 1e-6


class Mounted(NamedTuple):
    """pitch_rad, roll_rad: with their standard errors; roll 0 where the drive did not tell it.
    points: vanishing points that were used."""

    pitch_rad: float
    pitch_error_rad: float
    roll_rad: float
    roll_error_rad: Optional[float]
    points: int


def vanishing_ray(spans: np.ndarray, lens: Lens) -> Optional[np.ndarray]:
    """(3,) of length 1: where the corridor leads, in the camera's axes; None where its edges do not
    tell. spans: (H, 2) first and last column by row, -1 for none, in pixels of `lens`."""
    assert lens.size_wh is not None
    rows = np.flatnonzero(spans[:, 0] >= 0)
    rows = rows[len(rows) // 6 :]  # the farthest are the least certain
    normals = []
    for side, border in ((0, 0), (1, lens.size_wh[0] - 1)):
        seen = rows[spans[rows, side] != border]
        if len(seen) < max(12, lens.size_wh[1] // 20):
            return None
        rays = lens.rays_from_pixels(np.column_stack((spans[seen, side], seen)))
        normal = _plane_through(rays)
        if normal is None:
            return None
        normals.append(normal)
    ahead = np.cross(normals[0], normals[1])
    length = float(np.linalg.norm(ahead))
    if length < 0.05:  # edges that lie on one line
        return None
    ahead = ahead / length * (1 if ahead[2] > 0 else -1)
    yaw = math.atan2(ahead[0], ahead[2])
    return ahead if abs(yaw) < WIDEST_YAW else None


def mounted(rays: List[np.ndarray], yaw_rad: float = 0.0) -> Mounted:
    """rays: the vanishing rays of a drive, in its order.  yaw_rad: of the camera. Raises
    CheckFailed where they are too few, or lead elsewhere than ahead on the whole: then the edges
    that were found are not the road's."""
    if len(rays) < FEWEST:
        raise CheckFailed(
            "%d frames whose road has two straight edges" % len(rays),
            "%d or more" % FEWEST,
            "a drive of a minute on a road with both its edges in sight",
        )
    x, y, z = np.array(rays).T
    across, up = x / z, -y / z
    aside = math.atan(float(np.median(across))) - yaw_rad
    if abs(aside) > ASIDE_RAD:
        side = "right" if aside > 0 else "left"
        raise CheckFailed(
            "a road that leads %.0f degrees to the %s on the whole"
            % (math.degrees(abs(aside)), side),
            "one that leads ahead, both its edges in sight",
            "another drive; yaw_deg, where the camera looks aside",
        )
    weights, slope, level = np.ones(len(x)), 0.0, float(np.median(up))
    scale = float(np.median(np.abs(up - level))) * 1.5 + STEADY
    precision = np.eye(2)
    for _ in range(8):
        terms = np.stack([np.ones_like(across), across])
        each = weights / scale**2
        precision = (terms * each).dot(terms.T) + np.diag([STEADY, 1 / math.radians(3.0) ** 2])
        level, slope = np.linalg.solve(precision, (terms * each).dot(up))
        off = up - level - slope * across
        scale = float(np.median(np.abs(off))) * 1.5 + STEADY
        weights = 1 / (1 + (off / (2 * scale)) ** 2)
    errors = np.sqrt(np.diag(np.linalg.inv(precision)))
    # where all lead one way, an edge that is off moves its point along a line of its own
    spread = float(np.median(np.abs(across - np.median(across))))
    tells_roll = errors[1] < MOST_ROLL_ERROR and spread > BENDS and abs(slope) < MOST_ROLL
    parts = [
        float(np.median(part)) for part in np.array_split(up - slope * across * tells_roll, PARTS)
    ]
    level_error = max(float(errors[0]), float(np.std(parts, ddof=1)) / math.sqrt(PARTS))
    if not tells_roll:
        level = float(np.average(up, weights=weights))
    # seen from a camera that is turned clockwise, the horizon rises to the right
    roll = math.atan(float(slope)) if tells_roll else 0.0
    return Mounted(
        pitch_rad=math.atan(float(level) * math.cos(roll)),
        pitch_error_rad=math.hypot(level_error, NOD_RAD),
        roll_rad=roll,
        roll_error_rad=float(errors[1]) if tells_roll else None,
        points=len(rays),
    )


class Bonnet:
    """What never moves at the bottom of a drive's pictures."""

    def __init__(self) -> None:
        self._count = 0
        self._sum = np.zeros(SMALL_WH[::-1])
        self._squares = np.zeros(SMALL_WH[::-1])

    def add(self, image: np.ndarray) -> None:
        """A (H, W, 3) uint8 frame of the drive, some metres after the one before."""
        small = cv2.resize(image, SMALL_WH, interpolation=cv2.INTER_AREA)
        grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(float)
        self._count += 1
        self._sum += grey
        self._squares += grey * grey

    def polygon(self, size_wh: Tuple[int, int]) -> Tuple[Tuple[float, float], ...]:
        """Its outline in pictures of this size, () for none."""
        if self._count < FEWEST:
            return ()
        mean = self._sum / self._count
        changes = np.sqrt(np.maximum(self._squares / self._count - mean**2, 0))
        half = SMALL_WH[1] // 2
        still = (changes < STILL * np.median(changes[half:])).astype(np.uint8)
        still[:half] = 0
        still = cv2.morphologyEx(still, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        _, labels = cv2.connectedComponents(still)
        below = [label for label in np.unique(labels[-1]) if label]
        if not below:
            return ()
        largest = max(below, key=lambda label: int((labels == label).sum()))
        region = labels == largest
        if region.mean() < LEAST_BONNET:
            return ()
        return _outline(region, size_wh)


def _outline(region: np.ndarray, size_wh: Tuple[int, int]) -> Tuple[Tuple[float, float], ...]:
    """The columns of a small region from their highest pixel down, as a polygon in a picture."""
    columns = np.flatnonzero(region.any(axis=0))
    top = region[:, columns].argmax(axis=0)
    line = np.column_stack((columns, top)).astype(np.float32).reshape(-1, 1, 2)
    kept = cv2.approxPolyDP(line, 0.7, False)[:, 0]
    last = SMALL_WH[1]
    corners = [(kept[0][0], last), *[(x, y) for x, y in kept], (kept[-1][0] + 1, last)]
    scale_x, scale_y = size_wh[0] / SMALL_WH[0], size_wh[1] / SMALL_WH[1]
    return tuple((round(float(x) * scale_x, 1), round(float(y) * scale_y, 1)) for x, y in corners)


def _plane_through(rays: np.ndarray) -> Optional[np.ndarray]:
    """(3,): the normal of the plane through the camera in which most of these rays lie; None where
    they are no straight line."""
    weights = np.ones(len(rays))
    for _ in range(4):
        _, _, axes = np.linalg.svd(rays * weights[:, None], full_matrices=False)
        normal = axes[2]
        off = np.abs(rays.dot(normal))
        weights = 1 / (1 + (off / STRAIGHT_RAD) ** 2)
    return normal if float(np.median(off)) < STRAIGHT_RAD else None
