"""The road itself: how it winds, how wide it is, which side is driven on, and the camera's ride
along it.

Road coordinates are (u, v): u metres to the right of the middle of the road, v metres along the
world's z axis.
Knows the line and the ride; does not know what the road is made of or what stands beside it.
"""

from typing import Tuple, Union

import numpy as np

from catseye.runtime.street.painting.camera import Camera, Pose
from catseye.runtime.street.painting.noise import rng_of

Metres = Union[float, np.ndarray]
START_M = 100.0  # where the ride begins; the world goes on in both directions


class Course:
    """A winding road, fixed by the seed; without kerbs it lies in dry grass."""

    def __init__(self, seed: int, kerbs: bool = True) -> None:
        rng = rng_of(seed, 201)
        self.kerbs = kerbs
        self.drive_side = -1.0 if rng.rand() < 0.8 else 1.0  # -1: on the left, as in Cambridge
        self.parking = rng.rand() < 0.5
        self.half_width = rng.uniform(4.4, 6.6) if self.parking else rng.uniform(3.0, 6.0)
        self.pavement = rng.uniform(1.6, 4.2)
        bend = rng.choice([0.15, 0.6, 1.0])
        self._lengths = rng.uniform([90, 160, 300], [150, 280, 500])
        self._amplitudes = bend * rng.uniform(-1, 1, 3) * np.array([0.8, 3.0, 12.0])
        self._phases = rng.uniform(0, 2 * np.pi, 3)
        free = self.half_width - (2.1 if self.parking else 0.0)
        self.lane_u = float(np.clip(free / 2 + rng.uniform(-0.3, 0.3), 1.3, 3.4))
        self.speed = rng.uniform(8.5, 11.5)

    def middle(self, v: np.ndarray) -> np.ndarray:
        """World x of the middle of the road at v, any shape."""
        turns = 2 * np.pi * np.asarray(v, np.float64)[..., None] / self._lengths + self._phases
        return (self._amplitudes * np.sin(turns)).sum(axis=-1)

    def heading(self, v: float) -> float:
        """Angle of the road at v against the z axis, radians, positive to the right."""
        turns = 2 * np.pi * v / self._lengths + self._phases
        return float(
            np.arctan((self._amplitudes * 2 * np.pi / self._lengths * np.cos(turns)).sum())
        )

    def world(self, u: Metres, v: Metres, height: float = 0.0) -> np.ndarray:
        """World points (..., 3) of road coordinates of any one shape."""
        x = self.middle(np.asarray(v)) + u
        points = np.empty(x.shape + (3,))
        points[..., 0], points[..., 1], points[..., 2] = x, height, v
        return points

    def progress(self, time_s: float) -> float:
        """v of the camera at that time."""
        return START_M + self.speed * time_s


class Ride:
    """The camera's mount and motion, fixed by the seed."""

    def __init__(self, seed: int, course: Course, size_wh: Tuple[int, int]) -> None:
        rng = rng_of(seed, 202)
        self.course = course
        self.size_wh = size_wh
        self.focal_px = size_wh[0] / (2 * np.tan(np.radians(rng.uniform(45, 75)) / 2))
        self._height = rng.uniform(1.2, 1.8)
        horizon = size_wh[1] * rng.uniform(0.41, 0.54)
        self._pitch = float(np.arctan(((size_wh[1] - 1) / 2.0 - horizon) / self.focal_px))
        self._yaw = rng.normal(0, 0.03)
        self._roll = rng.normal(0, 0.006)
        self._phases = rng.uniform(0, 2 * np.pi, 5)

    def camera(self, time_s: float) -> Camera:
        """Where the camera is and how it looks at that time: sway, a nod from the suspension, eyes
        into the bend."""
        course, phase = self.course, self._phases
        v = course.progress(time_s)
        u = course.drive_side * course.lane_u + 0.18 * np.sin(0.45 * time_s + phase[0])
        height = self._height + 0.012 * np.sin(7.1 * time_s + phase[1])
        yaw = (
            0.6 * course.heading(v)
            + 0.4 * course.heading(v + 12)
            + self._yaw
            + 0.006 * np.sin(0.8 * time_s + phase[2])
        )
        pitch = (
            self._pitch
            + 0.0022 * np.sin(7.1 * time_s + phase[1])
            + 0.003 * np.sin(1.3 * time_s + phase[3])
        )
        roll = self._roll + 0.004 * np.sin(0.9 * time_s + phase[4])
        return Camera(
            Pose(course.world(u, v, height), yaw, pitch, roll), self.focal_px, self.size_wh
        )
