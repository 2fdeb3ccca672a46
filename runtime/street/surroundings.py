"""What is around the camera on the ground, as a surveyor would draw it: the truth for whatever
measures the street in its pictures.

Ground points are (x, y), metres ahead of the camera's foot and to the left, along the camera's
heading. Knows outlines; not how any of it looks.
"""

from typing import List, NamedTuple

import cv2
import numpy as np

from catseye.runtime.street.painting.camera import Camera


class Surroundings(NamedTuple):
    """roads: outlines (N, 2) of asphalt, side roads too.  obstacles: outlines (N, 2) of what stands
    or drives on it.  middle: (M, 2), the middle of the road, from behind the camera on.
    half_width_m: of the road."""

    camera: Camera
    roads: List[np.ndarray]
    obstacles: List[np.ndarray]
    middle: np.ndarray
    half_width_m: float

    def is_road(self, reach_m: float, side_m: float, cell_m: float) -> np.ndarray:
        """(rows, columns) bool of the free asphalt: row r is cell_m * (r + 0.5) ahead, column c is
        side_m - cell_m * (c + 0.5) to the left."""
        rows, columns = int(round(reach_m / cell_m)), int(round(2 * side_m / cell_m))
        plan = np.zeros((rows, columns), np.uint8)
        for outlines, value in ((self.roads, 1), (self.obstacles, 0)):
            for outline in outlines:
                x, y = outline.T
                corners = np.stack([(side_m - y) / cell_m - 0.5, x / cell_m - 0.5], axis=1)
                cv2.fillPoly(plan, [np.rint(corners * 16).astype(np.int32)], value, shift=4)
        return plan == 1


def ground_points(camera: Camera, points: np.ndarray) -> np.ndarray:
    """World points (N, 3) -> (N, 2) x ahead and y to the left of the camera's foot."""
    east, _, north = (points - camera.position).T
    sin, cos = np.sin(camera.pose.yaw), np.cos(camera.pose.yaw)
    return np.stack([sin * east + cos * north, sin * north - cos * east], axis=1)
