"""What a mask says in metres: free distances, the corridor, its width, and the way through it.

Knows a mask's road and the tables of the ground (ground_view.py); not whose mask it is.
"""

from typing import List, NamedTuple, Optional, Tuple

import cv2
import numpy as np

from catseye.runtime.geometry.corridor import Corridor, Grid, corridor_of
from catseye.runtime.geometry.free_space import FreeDistances, free_distances
from catseye.runtime.geometry.ground_view import FINE, WIDTHS_M, GroundView
from catseye.runtime.geometry.labels import Labels
from catseye.runtime.geometry.lane import own_lane
from catseye.runtime.geometry.steering import Way, centre_line, way_through
from catseye.runtime.system.json_document import Json, JsonObject

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
    """distances: free ones, (33,): straight ahead, then in 32 directions from left to right.  kind:
    LANE or DRIVABLE.  way: None where the corridor does not tell one."""

    view: GroundView
    distances: FreeDistances
    corridor: Corridor
    kind: str
    way: Optional[Way]

    @property
    def directions(self) -> FreeDistances:
        """(32,): the free distances from left to right."""
        return FreeDistances(*(column[1:] for column in self.distances))

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
        free_m, low_m, high_m = self._bars()
        row: JsonObject = {
            "free_m": free_m[0],
            "free_low_m": low_m[0],
            "free_high_m": high_m[0],
            "free_beyond": bool(self.distances.beyond[0]),
            "reach_m": round(self.view.reach_m, 2),
            "free_directions": {
                "deg": list(self.view.angles_deg),
                "free_m": free_m[1:],
                "low_m": low_m[1:],
                "high_m": high_m[1:],
            },
            "corridor_kind": self.kind if len(self.corridor.x_m) else None,
            "corridor_m": _line(self.corridor.outline(), closed=True),
            "centre_m": _line(centre_line(self.corridor), closed=False),
            "corridor_length_m": round(float(self.corridor.x_m[-1]), 2)
            if len(self.corridor.x_m)
            else 0.0,
        }
        row.update(self._widths(), **self._way())
        return row

    def _bars(self) -> Tuple[List[Json], List[Json], List[Json]]:
        """The distances with the ends of their bars; the upper is null where nothing was met."""
        found, bars = self.distances, self.view.bars
        body = np.where(found.wheeled, self.view.body_error, 0.0)
        far = np.maximum(found.m, 0.01)
        low, high = bars.ends(far, body)
        low = np.where(found.m > 0, np.maximum(low, 0), 0)
        high = np.where(found.m > 0, high, self.view.near_m)
        known = np.isfinite(high) & ~found.beyond
        told = np.where(known, high, 0).round(2).tolist()
        ends = [value if is_known else None for value, is_known in zip(told, known.tolist())]
        return found.m.round(2).tolist(), low.round(2).tolist(), ends

    def _widths(self) -> JsonObject:
        corridor = self.corridor
        both = corridor.both_seen()
        widths = np.sort((corridor.left_m - corridor.right_m)[both])
        median = round(float(widths[len(widths) // 2]), 2) if len(widths) else None
        row: JsonObject = {"width_m": median}
        for at, share in zip(WIDTHS_M, self.view.width_errors):
            width = corridor.width_at(at)
            row["width_at_%d_m" % at] = None if width is None else round(width, 2)
            error = None if width is None else round(width * share, 2)
            row["width_error_at_%d_m" % at] = error
        return row

    def _way(self) -> JsonObject:
        way = self.way
        if way is None:
            return dict.fromkeys(OF_THE_WAY)
        return {
            "offset_m": _rounded(way.offset_m, 2),
            "heading_rad": _rounded(way.heading_rad, 4),
            "curvature_per_m": _rounded(way.curvature_per_m, 5),
            "steering_rad": _rounded(way.steering_rad, 4),
            "steering_error_rad": round(way.steering_error_rad, 4),
            "lookahead_m": round(way.lookahead_m, 2),
        }


def road_geometry(
    ids: np.ndarray, labels: Labels, view: GroundView, speed_mps: Optional[float] = None
) -> RoadGeometry:
    """ids: (h, w) uint8 class ids, at the size that `view` was made for.  speed_mps: of the
    vehicle, None where nobody tells."""
    vehicle, flat = view.camera.vehicle, ids.ravel()

    def fine(places: np.ndarray) -> np.ndarray:
        return np.asarray(labels.is_road(flat.take(view.fine[places])).sum(axis=1) / FINE)

    on_grid = view.grid.of(ids)
    grid = Grid(
        labels.is_road(on_grid),
        view.grid.seen,
        labels.standing[on_grid],
        view.rows_m,
        view.columns_m,
        view.shown,
        fine,
    )
    corridor, kind = corridor_of(grid, vehicle.width_m), DRIVABLE
    if labels.has_marking:
        lane = own_lane(corridor, labels.marking[on_grid], view.columns_m, vehicle.width_m)
        corridor, kind = (corridor, DRIVABLE) if lane is None else (lane, LANE)
    return RoadGeometry(
        view,
        _free(ids, labels, view),
        corridor,
        kind,
        way_through(corridor, view.camera, speed_mps, is_lane=kind == LANE),
    )


def with_corridor(
    found: RoadGeometry, corridor: Corridor, speed_mps: Optional[float] = None
) -> RoadGeometry:
    """The same with another corridor, and the way through that."""
    way = way_through(corridor, found.view.camera, speed_mps, is_lane=found.kind == LANE)
    return found._replace(corridor=corridor, way=way)


def _free(ids: np.ndarray, labels: Labels, view: GroundView) -> FreeDistances:
    """Straight ahead, as the nearest of the strip's lines has it, and in the directions; to a
    vehicle as far as its body goes, which hides some ground."""
    found_ids = view.lines.of(ids)
    found = free_distances(labels.is_road(found_ids), view.lines.seen, view.along_m)
    wheeled = labels.wheeled[found_ids[np.arange(len(found_ids)), found.met]] & ~found.beyond
    found = found._replace(m=np.where(wheeled, found.m * view.body_share, found.m), wheeled=wheeled)
    told = np.arange(view.strip_lines - 1, len(found.m))
    told[0] = np.argmin(found.m[: view.strip_lines])
    return FreeDistances(*(column[told] for column in found))


def _rounded(value: Optional[float], digits: int) -> Optional[float]:
    return None if value is None else round(value, digits)


def _line(points: np.ndarray, closed: bool) -> Json:
    """[[x, y]] of the corners that matter."""
    if not len(points):
        return []
    line = cv2.approxPolyDP(points.astype(np.float32).reshape(-1, 1, 2), LINE_M, closed)
    rounded: List[Json] = line[:, 0].astype(float).round(2).tolist()
    return rounded
