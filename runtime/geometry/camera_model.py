"""A camera on a vehicle: its lens, how it is mounted, and the ground that it sees.

Knows flat ground (vehicle coordinates: see this room); not the files that camera models come from.
"""

import math
from typing import NamedTuple, Tuple

import numpy as np

from catseye.runtime.geometry.lens import Lens

PITCH_ERROR = math.radians(0.5)  # of a pitch that was measured
UNKNOWN_PITCH_ERROR = math.radians(2.0)  # of one that nobody told
HEIGHT_ERROR = 0.03  # of the height


class Mount(NamedTuple):
    """Where the camera is and how it looks. height_m: above the ground.  pitch_rad: positive looks
    down.  roll_rad: positive turns the camera clockwise, seen from behind.  yaw_rad, offset_m: to
    the left of the vehicle's axis and of its middle.  pitch_error_rad, height_error_m: standard
    deviations of what the two are known by."""

    height_m: float
    pitch_rad: float = 0.0
    roll_rad: float = 0.0
    yaw_rad: float = 0.0
    offset_m: float = 0.0
    pitch_error_rad: float = PITCH_ERROR
    height_error_m: float = 0.0

    def axes(self) -> np.ndarray:
        """(3, 3): the camera's right, down and ahead as rows, in vehicle coordinates."""
        sin_y, cos_y = math.sin(self.yaw_rad), math.cos(self.yaw_rad)
        sin_p, cos_p = math.sin(self.pitch_rad), math.cos(self.pitch_rad)
        sin_r, cos_r = math.sin(self.roll_rad), math.cos(self.roll_rad)
        right = np.array([sin_y, -cos_y, 0.0])
        down = np.array([0.0, 0.0, -1.0])
        ahead = np.array([cos_y, sin_y, 0.0])
        ahead, down = cos_p * ahead + sin_p * down, cos_p * down - sin_p * ahead
        return np.stack([cos_r * right + sin_r * down, cos_r * down - sin_r * right, ahead])


class Vehicle(NamedTuple):
    """width_m: with its mirrors.  wheelbase_m: between the axles.  rear_axle_m: how far behind the
    camera the rear axle is."""

    width_m: float = 1.9
    wheelbase_m: float = 2.7
    rear_axle_m: float = 1.6


class CameraModel(NamedTuple):
    """ignore: corners (x, y), in pixels of `lens.size_wh`, of a polygon in which nothing is road or
    obstacle: the vehicle's own bonnet; () for none."""

    lens: Lens
    mount: Mount
    vehicle: Vehicle = Vehicle()
    ignore: Tuple[Tuple[float, float], ...] = ()

    def at(self, size_wh: Tuple[int, int]) -> "CameraModel":
        """The same for pictures of `size_wh`. Raises CatseyeError where their sides are in another
        ratio."""
        lens = self.lens.at(size_wh)
        taken = self.lens.size_wh or size_wh
        scale_x, scale_y = size_wh[0] / taken[0], size_wh[1] / taken[1]
        corners = tuple(
            ((x + 0.5) * scale_x - 0.5, (y + 0.5) * scale_y - 0.5) for x, y in self.ignore
        )
        return self._replace(lens=lens, ignore=corners)

    def pixels_from_ground(self, points: np.ndarray) -> np.ndarray:
        """Ground points (N, 2), x and y in metres -> pixels (N, 2), of a model that `at` gave; NaN
        where the lens cannot see them."""
        x, y = np.asarray(points, np.float64).reshape(-1, 2).T
        mount = self.mount
        ground = np.stack([x, y - mount.offset_m, np.full(len(x), -mount.height_m)], axis=1)
        return self.lens.pixels_from_rays(ground.dot(mount.axes().T))

    def ground_from_pixels(self, pixels: np.ndarray) -> np.ndarray:
        """Pixels (N, 2) -> the ground points (N, 2) that they show, in metres; NaN at and above the
        horizon."""
        rays = self.lens.rays_from_pixels(pixels).dot(self.mount.axes())
        with np.errstate(all="ignore"):
            far = np.where(rays[:, 2] < 0, -self.mount.height_m / rays[:, 2], np.nan)
        return rays[:, :2] * far[:, None] + (0.0, self.mount.offset_m)
