"""The ground from above: a frame's pixels laid on the plan, and on that what was found in metres.

Up is ahead, the vehicle is at the bottom. Knows the tables of a camera's ground and how a plan is
drawn; not who looks at it.
"""

import functools
import math
from typing import NamedTuple, Tuple

import cv2
import numpy as np

from catseye.runtime.draw import ACCENT, draw_text
from catseye.runtime.geometry.camera_model import Vehicle
from catseye.runtime.geometry.ground_view import GroundView
from catseye.runtime.geometry.road_geometry import RoadGeometry
from catseye.runtime.geometry.steering import centre_line

LEAST_M, MOST_M = 12.0, 40.0  # of ground ahead that a plan shows
BEHIND = 0.08  # of the height, below the camera, for the vehicle
RINGS_M = (5, 10, 20, 30, 40)
NOTHING, LINE, FREE = (32, 28, 28), (120, 120, 120), (90, 200, 90)
CENTRE, HINT, CAR = (200, 200, 60), (255, 255, 255), (40, 40, 220)
STEP, OUTSIDE = 4, -1e6  # pixels
VEIL = 0.35  # opacity of the free space


class Plan(NamedTuple):
    """A plan of one size. scale: pixels of a metre.  columns, rows: (H, W) float32, where in the
    frame each of its pixels is, off it where the frame does not show it."""

    size_wh: Tuple[int, int]
    scale: float
    columns: np.ndarray
    rows: np.ndarray

    def pixels(self, points: np.ndarray) -> np.ndarray:
        """Ground points (N, 2) in metres -> (N, 1, 2) int32 for OpenCV."""
        width, height = self.size_wh
        x, y = np.asarray(points, float).reshape(-1, 2).T
        places = np.stack([width / 2 - y * self.scale, self._foot() - x * self.scale], axis=1)
        return np.rint(np.clip(places, -20000, 20000)).astype(np.int32)[:, None]

    def of(self, image: np.ndarray) -> np.ndarray:
        """The ground that a frame shows, as a new (H, W, 3) uint8 picture."""
        return np.asarray(
            cv2.remap(
                image,
                self.columns,
                self.rows,
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_CONSTANT,
                borderValue=NOTHING,
            )
        )

    def _foot(self) -> float:
        """The row of the camera's foot."""
        return self.size_wh[1] * (1 - BEHIND)


@functools.lru_cache(maxsize=8)
def plan_of(view: GroundView, image_wh: Tuple[int, int], size_wh: Tuple[int, int]) -> Plan:
    """The plan of pictures of image_wh, the view's frames at any scale, as far as may be told,
    LEAST_M to MOST_M of it."""
    width, height = size_wh
    shown = min(max(view.reach_m, LEAST_M), MOST_M)
    scale = height * (1 - BEHIND) / shown
    # a lattice, and straight lines between: every pixel by itself would take seconds
    columns, rows = np.meshgrid(np.arange(0, width + STEP, STEP), np.arange(0, height + STEP, STEP))
    x = (height * (1 - BEHIND) - rows) / scale
    y = (width / 2 - columns) / scale
    scales = np.array(image_wh, float) / view.frame_wh
    pixels = (
        view.camera.pixels_from_ground(np.stack([x.ravel(), y.ravel()], axis=1)) + 0.5
    ) * scales
    unseen = np.logical_or(~np.isfinite(pixels).all(axis=1), x.ravel() < 0.05)
    pixels[unseen] = OUTSIDE
    lattice = (pixels - 0.5).astype(np.float32).reshape(*x.shape, 2)
    inverse = np.array([[1 / STEP, 0, 0], [0, 1 / STEP, 0]])
    flags = cv2.INTER_LINEAR + cv2.WARP_INVERSE_MAP
    places = cv2.warpAffine(lattice, inverse, size_wh, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return Plan(size_wh, scale, *(places[..., axis].copy() for axis in (0, 1)))


def draw_geometry(picture: np.ndarray, plan: Plan, found: RoadGeometry) -> None:
    """Rings of distance, the free space, the corridor, its centre line, the vehicle and the hint
    into a plan's picture (H, W, 3)."""
    _veil(picture, plan, found)
    _rings(picture, plan)
    outline = found.corridor.outline()
    if len(outline):
        cv2.polylines(picture, [plan.pixels(outline)], True, ACCENT, 2, cv2.LINE_AA)
        centre = plan.pixels(centre_line(found.corridor))
        cv2.polylines(picture, [centre], False, CENTRE, 1, cv2.LINE_AA)
    vehicle = found.view.camera.vehicle
    if found.way is not None and found.way.steering_rad is not None:
        arc = steering_arc(found.way.steering_rad, vehicle, found.way.lookahead_m)
        cv2.polylines(picture, [plan.pixels(arc)], False, HINT, 2, cv2.LINE_AA)
    half = vehicle.width_m / 2
    body = plan.pixels(np.array([(0.0, half), (-vehicle.rear_axle_m, -half)]))[:, 0]
    cv2.rectangle(picture, tuple(body[0].tolist()), tuple(body[1].tolist()), CAR, -1)


def steering_arc(steering_rad: float, vehicle: Vehicle, length_m: float) -> np.ndarray:
    """(N, 2): where the vehicle's rear axle goes with these front wheels, from the camera on."""
    s = np.linspace(0, length_m, 24)
    bend = math.tan(steering_rad) / vehicle.wheelbase_m
    turned = s * bend
    small = abs(bend) < 1e-6
    x = s if small else np.sin(turned) / bend
    y = np.zeros_like(s) if small else (1 - np.cos(turned)) / bend
    points = np.stack([x - vehicle.rear_axle_m, y], axis=1)
    return points[points[:, 0] >= 0]


def _veil(picture: np.ndarray, plan: Plan, found: RoadGeometry) -> None:
    """The free space between the directions."""
    angles, far = found.view.angles_rad, found.directions.m
    ends = np.stack([far * np.cos(angles), far * np.sin(angles)], axis=1)
    veiled = picture.copy()
    cv2.fillPoly(veiled, [plan.pixels(np.concatenate((np.zeros((1, 2)), ends)))], FREE)
    cv2.addWeighted(veiled, VEIL, picture, 1 - VEIL, 0, picture)


def _rings(picture: np.ndarray, plan: Plan) -> None:
    centre = tuple(plan.pixels(np.zeros(2))[0, 0].tolist())
    for distance in RINGS_M:
        radius = int(round(distance * plan.scale))
        if radius > centre[1]:
            return
        cv2.ellipse(picture, centre, (radius, radius), 0, 180, 360, LINE, 1, cv2.LINE_AA)
        draw_text(picture, "%d m" % distance, (centre[0] + 4, max(0, centre[1] - radius)), 0.4)


def beside(camera: np.ndarray, plan: np.ndarray) -> np.ndarray:
    """A camera's picture (H, W, 3) at the left, shrunk, and a plan (H, w, 3) at the right, in one
    of the camera's size on black."""
    height, width = camera.shape[:2]
    picture = np.zeros((height, width, 3), np.uint8)
    left = width - plan.shape[1]
    scale = left / width
    inner = left, int(round(height * scale))
    top = (height - inner[1]) // 2
    picture[top : top + inner[1], : inner[0]] = cv2.resize(
        camera, inner, interpolation=cv2.INTER_AREA
    )
    picture[:, left:] = plan
    return picture
