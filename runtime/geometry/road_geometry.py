"""What a mask says in metres: free distances, the corridor, its width, and the way through it.

Knows a mask's road and the tables of the ground (ground_view.py); not whose mask it is.
"""

from typing import Dict, List, NamedTuple, Optional, Tuple

import cv2
import numpy as np

from catseye.runtime.geometry.corridor import Corridor, Grid, corridor_of
from catseye.runtime.geometry.free_space import FreeDistances, free_distances
from catseye.runtime.geometry.ground_view import FINE, GroundView, Samples
from catseye.runtime.geometry.labels import Labels
from catseye.runtime.geometry.steering import Way, centre_line, way_through
from catseye.runtime.system.json_document import Json, JsonObject

WIDTHS_M = (5, 10, 20)
DRIVABLE, LANE = "drivable", "lane"
FARTHEST_PX = 30000.0  # corners farther off overflow OpenCV's fixed-point numbers
LINE_M = 0.05  # how far the lines that are told may leave the corridor's
OF_THE_WAY = (
    *("offset_m", "heading_rad", "curvature_per_m"),
    *("steering_rad", "steering_error_rad", "lookahead_m"),
)
# the single numbers of `as_json`, each null where it cannot be told
NUMBERS = (
    "free_m",
    "free_low_m",
    "free_high_m",
    "reach_m",
    "corridor_length_m",
    "width_m",
    *("width_at_%d_m" % at for at in WIDTHS_M),
    *("width_error_at_%d_m" % at for at in WIDTHS_M),
    *OF_THE_WAY,
)


class RoadGeometry(NamedTuple):
    """free: straight ahead, (1,).  directions: the same, (32,).  kind: LANE or DRIVABLE.  way: None
    where the corridor is too short for one."""

    view: GroundView
    free: FreeDistances
    directions: FreeDistances
    corridor: Corridor
    kind: str
    way: Optional[Way]

    def width_error_m(self, distance_m: float, width_m: float) -> float:
        """What a width there may be off by: by the same share as its distance."""
        bars = self.view.bars
        share = (bars.high(np.array(distance_m)) - bars.low(np.array(distance_m))) / 2 / distance_m
        return float(width_m * share)

    def spans(self) -> np.ndarray:
        """(h, 2) int: first and last column of the corridor in each row of the mask, -1 where there
        is none."""
        width, height = self.view.mask_wh
        filled = np.zeros((height, width), np.uint8)
        corners = self.view.mask_pixels(self.corridor.outline())
        corners = corners[np.isfinite(corners).all(axis=1)]
        if len(corners):
            within = np.clip(np.rint(corners), -FARTHEST_PX, FARTHEST_PX)
            cv2.fillPoly(filled, [within.astype(np.int32)], 1)
        there = np.asarray(filled.any(axis=1))
        first, last = filled.argmax(axis=1), width - 1 - filled[:, ::-1].argmax(axis=1)
        return np.where(there[:, None], np.column_stack((first, last)), -1)

    def edges(self, size_wh: Tuple[int, int]) -> List[np.ndarray]:
        """The corridor's edges that are seen, as lines (N, 1, 2) int32 in a picture of this size,
        the frame's at any scale."""
        corridor, scale = self.corridor, np.array(size_wh, float) / self.view.mask_wh
        lines = []
        for edge_m, seen in (
            (corridor.left_m, corridor.left_seen),
            (corridor.right_m, corridor.right_seen),
        ):
            points = np.column_stack((corridor.x_m, edge_m))[seen]
            pixels = (self.view.mask_pixels(points) + 0.5) * scale - 0.5
            pixels = np.clip(pixels[np.isfinite(pixels).all(axis=1)], -FARTHEST_PX, FARTHEST_PX)
            lines.append(np.rint(pixels).astype(np.int32).reshape(-1, 1, 2))
        return lines

    def as_json(self) -> JsonObject:
        """Numbers in metres and radians; see docs/metres.md."""
        ahead = self._bars(self.free)
        low, high = ahead["low_m"][0], ahead["high_m"][0]
        row: JsonObject = {
            "free_m": ahead["free_m"][0],
            "free_low_m": low,
            "free_high_m": high,
            "free_beyond": bool(self.free.beyond[0]),
            "reach_m": round(self.view.reach_m, 2),
            "free_directions": dict(
                deg=np.degrees(self.view.angles_rad).round(1).tolist(),
                **self._bars(self.directions),
            ),
            "corridor_kind": self.kind if len(self.corridor.x_m) else None,
            "corridor_m": _line(self.corridor.outline(), closed=True),
            "centre_m": _line(centre_line(self.corridor), closed=False),
            "corridor_length_m": round(float(self.corridor.x_m[-1]), 2)
            if len(self.corridor.x_m)
            else 0.0,
        }
        row.update(self._widths())
        row.update(self._way())
        return row

    def _bars(self, found: FreeDistances) -> Dict[str, List[Json]]:
        """Distances with the ends of their bars; the upper is null where nothing was met."""
        bars, body = self.view.bars, np.where(found.wheeled, self.view.body_error, 0.0)
        far = np.maximum(found.m, 0.01)
        low, high = bars.low(far, body), bars.high(far, body)
        low = np.where(found.m > 0, np.maximum(low, 0), 0)
        high = np.where(found.m > 0, high, self.view.near_m)
        return {
            "free_m": found.m.round(2).tolist(),
            "low_m": low.round(2).tolist(),
            "high_m": [
                None if beyond or not np.isfinite(value) else round(float(value), 2)
                for value, beyond in zip(high, found.beyond)
            ],
        }

    def _widths(self) -> JsonObject:
        corridor = self.corridor
        both = corridor.both_seen()
        widths = (corridor.left_m - corridor.right_m)[both]
        row: JsonObject = {"width_m": round(float(np.median(widths)), 2) if len(widths) else None}
        for at in WIDTHS_M:
            width = corridor.width_at(at)
            row["width_at_%d_m" % at] = None if width is None else round(width, 2)
            row["width_error_at_%d_m" % at] = (
                None if width is None else round(self.width_error_m(at, width), 2)
            )
        return row

    def _way(self) -> JsonObject:
        way = self.way
        if way is None:
            return dict.fromkeys(OF_THE_WAY)
        return {
            "offset_m": None if way.offset_m is None else round(way.offset_m, 2),
            "heading_rad": round(way.heading_rad, 4),
            "curvature_per_m": round(way.curvature_per_m, 5),
            "steering_rad": round(way.steering_rad, 4),
            "steering_error_rad": round(way.steering_error_rad, 4),
            "lookahead_m": round(way.lookahead_m, 2),
        }


def road_geometry(
    ids: np.ndarray, labels: Labels, view: GroundView, speed_mps: Optional[float] = None
) -> RoadGeometry:
    """ids: (h, w) uint8 class ids, at the size that `view` was made for.  speed_mps: of the
    vehicle, None where nobody tells."""
    vehicle, flat = view.camera.vehicle, ids.ravel()
    lines = _free(ids, labels, view.strip, view.ahead_m, view)
    nearest = slice(int(np.argmin(lines.m)), int(np.argmin(lines.m)) + 1)

    def fine(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        return np.asarray(flat.take(view.fine[rows, columns]) == labels.road)

    on_grid = view.grid.of(ids)
    grid = Grid(
        np.asarray(on_grid == labels.road),
        view.grid.seen,
        labels.standing[on_grid],
        view.rows_m,
        view.columns_m,
        fine,
        FINE,
    )
    corridor = corridor_of(grid, vehicle.width_m)
    return RoadGeometry(
        view,
        FreeDistances(*(column[nearest] for column in lines)),
        _free(ids, labels, view.rays, view.rays_m, view),
        corridor,
        DRIVABLE,
        way_through(corridor, view.camera, speed_mps, is_lane=False),
    )


def with_corridor(
    found: RoadGeometry, corridor: Corridor, speed_mps: Optional[float] = None
) -> RoadGeometry:
    """The same with another corridor, and the way through that."""
    way = way_through(corridor, found.view.camera, speed_mps, is_lane=found.kind == LANE)
    return found._replace(corridor=corridor, way=way)


def _free(
    ids: np.ndarray, labels: Labels, samples: Samples, distances_m: np.ndarray, view: GroundView
) -> FreeDistances:
    """Along lines of samples; to a vehicle as far as its body goes, which hides some ground."""
    found_ids = samples.of(ids)
    found = free_distances(found_ids == labels.road, samples.seen, distances_m)
    wheeled = labels.wheeled[found_ids[np.arange(len(found_ids)), found.met]] & ~found.beyond
    return found._replace(m=np.where(wheeled, found.m * view.body_share, found.m), wheeled=wheeled)


def _line(points: np.ndarray, closed: bool) -> Json:
    """[[x, y]] of the corners that matter."""
    if not len(points):
        return []
    line = cv2.approxPolyDP(points.astype(np.float32).reshape(-1, 1, 2), LINE_M, closed)
    rounded: List[Json] = line[:, 0].astype(float).round(2).tolist()
    return rounded
