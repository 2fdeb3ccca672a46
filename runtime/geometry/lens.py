"""A lens: rays to pixels and back, pinhole (Brown's distortion) and fisheye (Kannala and Brandt).

Knows optics, through OpenCV; not where the camera is mounted. Rays are (x, y, z) in the camera's
own axes: x right, y down, z ahead. Pixel centres are whole numbers.
"""

import math
from typing import NamedTuple, Optional, Tuple

import cv2
import numpy as np

from catseye.runtime.errors import CatseyeError

RATIO_SLACK = 0.01  # how far the sides of two sizes may differ in their ratio
STEEPEST = math.radians(89.0)  # from the axis: no pinhole sees beyond
STEEPEST_FISHEYE = math.radians(120.0)  # widest lenses on cars: 105
STEPS = 512
BISECTIONS = 52  # to the last bit of an angle in float64
UNTIL = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 100, 1e-10)


class Lens(NamedTuple):
    """size_wh: of the pictures that the rest is true of; None: of any.  focal_px: (fx, fy), None
    where the field of view tells it.  centre_px: None: the middle.  field_rad: the horizontal field
    of view, None where the focal length tells it.  distortion: OpenCV's coefficients, in its order:
    0, 4, 5, 8, 12 or 14 of a pinhole, 4 of a fisheye."""

    size_wh: Optional[Tuple[int, int]]
    focal_px: Optional[Tuple[float, float]]
    centre_px: Optional[Tuple[float, float]] = None
    field_rad: Optional[float] = None
    distortion: Tuple[float, ...] = ()
    fisheye: bool = False

    def at(self, size_wh: Tuple[int, int]) -> "Lens":
        """The same for pictures of `size_wh`, focal length and centre known. Raises CatseyeError
        where their sides are in another ratio."""
        width, height = size_wh
        taken = self.size_wh or size_wh
        scale_x, scale_y = width / taken[0], height / taken[1]
        if abs(scale_x / scale_y - 1) > RATIO_SLACK:
            raise CatseyeError(
                "frames of %dx%d with a camera model of %dx%d" % (width, height, *taken),
                "the same picture at another scale",
                "calibrate at the size that is run, or scale the frames without cutting",
            )
        fx, fy = self.focal_px or (self._focal_of(taken[0]),) * 2
        cx, cy = self.centre_px or ((taken[0] - 1) / 2.0, (taken[1] - 1) / 2.0)
        return self._replace(
            size_wh=size_wh,
            focal_px=(fx * scale_x, fy * scale_y),
            centre_px=((cx + 0.5) * scale_x - 0.5, (cy + 0.5) * scale_y - 0.5),
            field_rad=None,
        )

    def matrix(self) -> np.ndarray:
        """(3, 3) float64: OpenCV's camera matrix, of a lens that `at` gave."""
        assert self.focal_px and self.centre_px
        (fx, fy), (cx, cy) = self.focal_px, self.centre_px
        return np.array([[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]])

    def pixels_from_rays(self, rays: np.ndarray) -> np.ndarray:
        """(N, 3) -> (N, 2) float64 of a lens that `at` gave; NaN for rays that it cannot see: from
        behind, or where the distortion would fold them back into the picture."""
        rays = np.asarray(rays, np.float64).reshape(-1, 3)
        angles = np.arctan2(np.hypot(rays[:, 0], rays[:, 1]), rays[:, 2])
        seen = angles <= self.steepest()
        pixels = np.full((len(rays), 2), np.nan)
        if self.fisheye:
            pixels[seen] = self._fisheye_pixels(rays[seen], angles[seen])
        elif seen.any():
            points, still = rays[seen].reshape(-1, 1, 3), np.zeros(3)
            found = cv2.projectPoints(points, still, still, self.matrix(), self._coefficients())
            pixels[seen] = found[0].reshape(-1, 2)
        return pixels

    def rays_from_pixels(self, pixels: np.ndarray) -> np.ndarray:
        """(N, 2) -> (N, 3) float64 of length 1, of a lens that `at` gave: the inverse; of pixels of
        a fisheye beyond `steepest`, the ray there."""
        points = np.asarray(pixels, np.float64).reshape(-1, 1, 2)
        if self.fisheye:
            return self._fisheye_rays(points.reshape(-1, 2))
        # the name that takes `criteria` before OpenCV 5
        undistorted = getattr(cv2, "undistortPointsIter", cv2.undistortPoints)
        still = np.eye(3)
        flat = undistorted(
            points, self.matrix(), self._coefficients(), still, still, criteria=UNTIL
        )
        rays = np.column_stack((flat.reshape(-1, 2), np.ones(len(points))))
        return rays / np.linalg.norm(rays, axis=1, keepdims=True)

    def steepest(self) -> float:
        """The largest angle from the axis, radians, to which a wider angle always lies farther out
        in the picture."""
        angles = np.linspace(0, STEEPEST_FISHEYE if self.fisheye else STEEPEST, STEPS)
        with np.errstate(all="ignore"):
            out = _radius_of(angles, self._coefficients(), self.fisheye)
            folds = np.flatnonzero(~(np.diff(out) > 0))
        return float(angles[folds[0]] if len(folds) else angles[-1])

    def _fisheye_pixels(self, rays: np.ndarray, angles: np.ndarray) -> np.ndarray:
        """cv2.fisheye puts rays beyond 90 degrees on the other side of the picture, and takes
        pixels of 85 and more for others (findings/wide-fisheye.sh)."""
        assert self.focal_px and self.centre_px
        across = np.hypot(rays[:, 0], rays[:, 1])
        out = _radius_of(angles, self._coefficients(), True)
        scale = out / np.where(across > 0, across, 1.0)
        return rays[:, :2] * scale[:, None] * self.focal_px + self.centre_px

    def _fisheye_rays(self, pixels: np.ndarray) -> np.ndarray:
        assert self.focal_px and self.centre_px
        flat = (pixels - self.centre_px) / self.focal_px
        out = np.hypot(flat[:, 0], flat[:, 1])
        coefficients = self._coefficients()
        low, high = np.zeros(len(out)), np.full(len(out), self.steepest())
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            beyond = _radius_of(middle, coefficients, True) < out
            low, high = np.where(beyond, middle, low), np.where(beyond, high, middle)
        sides = flat * (np.sin(high) / np.where(out > 0, out, 1.0))[:, None]
        return np.column_stack((sides, np.cos(high)))

    def _focal_of(self, width: int) -> float:
        assert self.field_rad is not None
        half = self.field_rad / 2
        return width / 2.0 / (half if self.fisheye else math.tan(half))

    def _coefficients(self) -> np.ndarray:
        """At least four, as OpenCV wants them."""
        return np.array(self.distortion or (0.0,) * 4, np.float64)


def _radius_of(angles: np.ndarray, coefficients: np.ndarray, fisheye: bool) -> np.ndarray:
    """How far from the centre rays of these angles arrive, in focal lengths, (N,); the tangential
    and prism terms, which are small, left out."""
    k = np.concatenate((coefficients, np.zeros(14)))
    if fisheye:
        t = angles * angles
        return angles * (1 + t * (k[0] + t * (k[1] + t * (k[2] + t * k[3]))))
    r = np.tan(angles)
    t = r * r
    return r * (1 + t * (k[0] + t * (k[1] + t * k[4]))) / (1 + t * (k[5] + t * (k[6] + t * k[7])))
