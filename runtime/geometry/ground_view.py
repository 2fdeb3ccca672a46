"""Where on the ground the pixels of a mask lie: tables, made once for a camera and a size of mask,
of what is looked up in every one.

Knows the camera and the mask's size; not what a mask means. Samples lie closer where the camera
sees more: their distances grow by a constant share.
"""

import math
from typing import NamedTuple, Tuple

import cv2
import numpy as np

from catseye.runtime.errors import CatseyeError
from catseye.runtime.geometry.camera_model import CameraModel
from catseye.runtime.geometry.error_bars import error_bars

DIRECTIONS = 32
WIDEST = math.radians(80.0)  # of a direction
ROW_STEP, RAY_STEP = 1.03, 1.025  # from one distance to the next
SIDE_M, COLUMN_M = 12.0, 0.2  # the grid's reach to either side, and its columns
WIDTHS_M = (5, 10, 20)  # where widths are told
FINE = 8  # parts of a column, to tell where in it an edge is
BODY_M = (0.0, 0.35)  # how far above the ground a vehicle's body ends: it hides ground behind it
STRIP_M = 0.2  # at most, between the lines of the strip that the vehicle takes
SHORTEST_M = 1.0  # a view of the ground that ends before tells nothing


class Samples(NamedTuple):
    """places: (A, B) int, in the flat mask.  seen: (A, B) bool: whether the picture shows that
    ground; where not, the place is 0."""

    places: np.ndarray
    seen: np.ndarray

    def of(self, mask: np.ndarray) -> np.ndarray:
        """(A, B): what a (h, w) array shows there."""
        return mask.ravel().take(self.places)


class GroundView:
    """The tables. near_m, reach_m: from where the ground ahead is seen, and to where its distances
    are told.  ignored: (h, w) bool of the mask, what the camera model ignores.

    rows_m (R,), columns_m (C,): of `grid`, (R, C): x ahead, from near to far, and y, from left to
    right.  fine: (R * C, FINE) int, places in the mask from each column's middle to the next one's.
    shown: (R,) each, the first and last column that is seen.  lines: (M + 32, N), along_m (N,) from
    near to far: the `strip_lines` M that the vehicle's width takes straight ahead, then the
    directions of angles_rad (32,), from left to right.  width_errors: of widths at WIDTHS_M, as a
    share.
    """

    def __init__(
        self, camera: CameraModel, frame_wh: Tuple[int, int], mask_wh: Tuple[int, int]
    ) -> None:
        """Raises CatseyeError for frames of another ratio than the camera model's, and where that
        sees no ground ahead."""
        self.camera = camera.at(frame_wh)
        self.frame_wh, self.mask_wh = frame_wh, mask_wh
        mount, vehicle = camera.mount, camera.vehicle
        assert self.camera.lens.focal_px
        pixel = frame_wh[1] / mask_wh[1] / self.camera.lens.focal_px[1]
        self.bars = error_bars(mount.height_m, mount.pitch_error_rad, mount.height_error_m, pixel)
        self.ignored = self._ignored_pixels()
        self.near_m, self.reach_m = self._range()
        self.rows_m = _distances(self.near_m, self.reach_m, ROW_STEP)
        self.columns_m = np.arange(SIDE_M, -SIDE_M - COLUMN_M / 2, -COLUMN_M)
        x, y = np.meshgrid(self.rows_m, self.columns_m, indexing="ij")
        pixels = self.mask_pixels(np.stack([x.ravel(), y.ravel()], axis=1))
        self.grid = self._samples_at(pixels.reshape(*x.shape, 2))
        fine = self._samples_at(_divided(pixels.reshape(*x.shape, 2))).places
        self.fine = fine.reshape(-1, FINE)
        seen = self.grid.seen
        self.shown = seen.argmax(axis=1), seen.shape[1] - 1 - seen[:, ::-1].argmax(axis=1)
        # the share of a distance to a vehicle that is to its body, and what that is off by
        clear = [min(metres / mount.height_m, 0.5) for metres in BODY_M]
        self.body_share = 1 - (clear[0] + clear[1]) / 2
        self.body_error = (clear[1] - clear[0]) / 2 / self.body_share
        self.along_m = _distances(self.near_m, self.reach_m, RAY_STEP)
        self.strip_lines = 2 * int(math.ceil(vehicle.width_m / 2 / STRIP_M)) + 1
        across = np.linspace(vehicle.width_m / 2, -vehicle.width_m / 2, self.strip_lines)
        y, x = np.meshgrid(across, self.along_m, indexing="ij")
        self.angles_rad = self._directions()
        self.angles_deg = np.degrees(self.angles_rad).round(1).tolist()
        angle, far = np.meshgrid(self.angles_rad, self.along_m, indexing="ij")
        self.lines = self.samples(
            np.concatenate((x, far * np.cos(angle))), np.concatenate((y, far * np.sin(angle)))
        )
        at = np.array(WIDTHS_M, float)
        # the shares of widths there, and of their distances, that they may be off by
        low, high = self.bars.ends(at)
        self.width_errors = ((high - low) / 2 / at).tolist()

    def samples(self, x: np.ndarray, y: np.ndarray) -> Samples:
        """Of ground points of any one shape, in metres."""
        pixels = self.mask_pixels(np.stack([x.ravel(), y.ravel()], axis=1))
        return self._samples_at(pixels.reshape(*x.shape, 2))

    def _samples_at(self, pixels: np.ndarray) -> Samples:
        """Of places (..., 2) in the mask."""
        mask_w, mask_h = self.mask_wh
        with np.errstate(invalid="ignore"):
            whole = np.floor(pixels + 0.5)
            within = (whole >= 0) & (whole < (mask_w, mask_h))
        seen = np.asarray(within.all(axis=-1))
        columns, rows = np.moveaxis(np.where(seen[..., None], whole, 0).astype(np.intp), -1, 0)
        seen &= ~self.ignored[rows, columns]
        return Samples(np.where(seen, rows * mask_w + columns, 0), seen)

    def mask_pixels(self, points: np.ndarray) -> np.ndarray:
        """Ground points (N, 2) in metres -> places (N, 2) in the mask, pixel centres at whole
        numbers; NaN where the lens cannot see them."""
        scale = np.array(self.mask_wh, float) / self.frame_wh
        return (self.camera.pixels_from_ground(points) + 0.5) * scale - 0.5

    def _ignored_pixels(self) -> np.ndarray:
        """(h, w) bool: what of the mask lies in the camera's `ignore`."""
        (width, height), (mask_w, mask_h) = self.frame_wh, self.mask_wh
        ignored = np.zeros((mask_h, mask_w), np.uint8)
        if self.camera.ignore:
            corners = (np.array(self.camera.ignore) + 0.5) * (mask_w / width, mask_h / height) - 0.5
            cv2.fillPoly(ignored, [np.rint(corners).astype(np.int32)], 1)
        return np.asarray(ignored == 1)

    def _range(self) -> Tuple[float, float]:
        """From where to where the ground straight ahead is seen and may be told."""
        reach = self.bars.reach_m()
        x = np.arange(0.5, max(reach, SHORTEST_M), 0.05)
        # which `samples` needs for no more than the tables that follow
        seen = self.samples(x, np.zeros(len(x))).seen
        if not seen.any() or x[seen][-1] - x[seen][0] < SHORTEST_M:
            raise CatseyeError(
                "a camera model that sees no ground ahead (height_m %g, pitch_deg %g; its distances"
                " are reliable to %.1f m)"
                % (self.camera.mount.height_m, math.degrees(self.camera.mount.pitch_rad), reach),
                "one that sees some metres of road",
                "check pitch_deg (positive looks down), yaw_deg, ignore and pitch_error_deg",
            )
        return float(x[seen][0]), float(x[seen][-1])

    def _directions(self) -> np.ndarray:
        """(32,): the middles of as many equal parts of the horizontal field of view."""
        width, height = self.frame_wh
        sides = np.array([(0, (height - 1) / 2.0), (width - 1, (height - 1) / 2.0)])
        rays = self.camera.lens.rays_from_pixels(sides).dot(self.camera.mount.axes())
        left, right = np.clip(np.arctan2(rays[:, 1], rays[:, 0]), -WIDEST, WIDEST)
        return left + (right - left) * (np.arange(DIRECTIONS) + 0.5) / DIRECTIONS


def _divided(pixels: np.ndarray) -> np.ndarray:
    """(R, C, 2) -> (R, FINE * C, 2): the way from each column to the next in equal parts; the last
    has none."""
    following = np.concatenate((pixels[:, 1:], pixels[:, -1:]), axis=1)
    shares = (np.arange(FINE) / FINE)[:, None]
    parts = pixels[:, :, None] * (1 - shares) + following[:, :, None] * shares
    return parts.reshape(len(pixels), -1, 2)


def _distances(near: float, far: float, step: float) -> np.ndarray:
    """From near to far, each about `step` times the one before."""
    count = max(2, int(math.ceil(math.log(far / near) / math.log(step))) + 1)
    return np.geomspace(near, far, count)
