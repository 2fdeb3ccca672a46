"""How far a distance on the ground may be from the truth, for what is not known of the camera.

A point that is seen at the angle t below the horizon lies d = h / tan(t) away. Pitch and height are
off by twice their standard deviations, 19 times of 20, and the mask by half of its pixel: the bar
goes from h / tan(t + e) to h / tan(t - e), with the height's own share, and that of the samples,
added in squares. Knows numbers only.
"""

import math
from typing import NamedTuple, Tuple, Union

import numpy as np

WIDE = 2.0  # standard deviations
MOST = 0.5  # a bar that goes farther beyond than this share of its distance is not told
SAMPLING = 0.01  # share of a distance by which lines are looked at in steps
FLAT_RAD = 1e-9
FARTHEST_M = 80.0  # no mask tells more


class ErrorBars(NamedTuple):
    """height_m: of the camera.  angle_rad: what an angle below the horizon is off by at most.
    height_share: the same of the height, as its share."""

    height_m: float
    angle_rad: float
    height_share: float

    def ends(
        self, distances: np.ndarray, share: Union[float, np.ndarray] = 0.0
    ) -> Tuple[np.ndarray, np.ndarray]:
        """The lower and upper ends of the bars, metres, of distances of any shape above 0; infinity
        where the angle may be none. share: what they may be off by for another reason, of
        themselves."""
        distances = np.asarray(distances, np.float64)
        angles = np.arctan2(self.height_m, distances)
        near = self.height_m / np.tan(angles + self.angle_rad)
        left = np.maximum(angles - self.angle_rad, FLAT_RAD)
        far = np.where(left > FLAT_RAD, self.height_m / np.tan(left), np.inf)
        off = distances * np.hypot(math.hypot(self.height_share, SAMPLING), share)
        low = distances - np.hypot(distances - near, off)
        return low, distances + np.hypot(far - distances, off)

    def reach_m(self) -> float:
        """The farthest distance that may be told: its bar goes beyond it by MOST of itself."""
        distances = np.linspace(0.5, FARTHEST_M, 1600)
        good = self.ends(distances)[1] <= distances * (1 + MOST)
        return float(distances[good][-1]) if good.any() else 0.0


def error_bars(
    height_m: float, pitch_error_rad: float, height_error_m: float, pixel_rad: float
) -> ErrorBars:
    """pitch_error_rad, height_error_m: standard deviations.  pixel_rad: the angle of one pixel of
    the mask."""
    angle = math.hypot(WIDE * pitch_error_rad, pixel_rad / 2)
    return ErrorBars(height_m, angle, WIDE * height_error_m / height_m)
