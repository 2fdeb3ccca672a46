"""Flat pieces of which cars are made.

Knows one face at a time; does not know what car it belongs to.
"""

from typing import NamedTuple, Sequence, Tuple

import numpy as np


class Face(NamedTuple):
    """A flat piece of a car."""

    points: np.ndarray  # (N, 3) metres
    normal: np.ndarray  # (3,) outward unit vector
    colour: Tuple[float, float, float]  # BGR
    outer: bool  # part of the outline, so painted into the mask
    glow: float  # 0 lit by the street - 1 shines by itself at dusk


def make_face(
    points: Sequence[Sequence[float]],
    outward: Sequence[float],
    colour: np.ndarray,
    outer: bool = True,
    glow: float = 0.0,
) -> Face:
    """A face through `points` whose normal is on the side of `outward`."""
    corners = np.array(points, np.float64)
    b, g, r = np.asarray(colour, np.float64)
    return Face(corners, _normal(corners, np.array(outward)), (b, g, r), outer, glow)


def _normal(points: np.ndarray, outward: np.ndarray) -> np.ndarray:
    across = np.cross(points[1] - points[0], points[2] - points[0])
    across /= max(float(np.linalg.norm(across)), 1e-9)
    return across if across.dot(outward) > 0 else -across


def part_of(corners: np.ndarray, left: float, right: float) -> np.ndarray:
    """The part of a quadrilateral (4, 3) between two shares of its length."""
    low, top = corners[1] - corners[0], corners[2] - corners[3]
    return np.array(
        [
            corners[0] + left * low,
            corners[0] + right * low,
            corners[3] + right * top,
            corners[3] + left * top,
        ]
    )
