"""The camera of the drive: where it is at a time, and how world points become pixels.

World: x right, y up, z along the course, metres, the ground at y = 0. Camera: x right, y down, z
forward.
Knows geometry only; does not know what stands in the street.
"""

from typing import List, NamedTuple, Sequence, Tuple

import numpy as np

NEAR_M = 0.8
FARTHEST_PX = 30000.0  # corners farther off overflow OpenCV's fixed-point numbers


class Pose(NamedTuple):
    """Where a camera is and how it looks."""

    position: np.ndarray
    yaw: float
    pitch: float
    roll: float


def _camera_from_world(pose: Pose) -> np.ndarray:
    """Rotation (3, 3) whose rows are the camera's right, down and forward axes; positive pitch
    looks down."""
    right = np.array([np.cos(pose.yaw), 0.0, -np.sin(pose.yaw)])
    down = np.array([0.0, -1.0, 0.0])
    forward = np.array([np.sin(pose.yaw), 0.0, np.cos(pose.yaw)])
    sin_p, cos_p, sin_r, cos_r = (
        np.sin(pose.pitch),
        np.cos(pose.pitch),
        np.sin(pose.roll),
        np.cos(pose.roll),
    )
    forward, down = cos_p * forward + sin_p * down, cos_p * down - sin_p * forward
    return np.stack([cos_r * right + sin_r * down, cos_r * down - sin_r * right, forward])


class Camera:
    """A pinhole camera at one instant; pixel centres sit at integer coordinates."""

    def __init__(self, pose: Pose, focal_px: float, size_wh: Tuple[int, int]) -> None:
        self.pose = pose
        self.position = pose.position
        self.focal_px = focal_px
        self.size_wh = size_wh
        self.rotation = _camera_from_world(pose)
        self.centre = np.array([(size_wh[0] - 1) / 2.0, (size_wh[1] - 1) / 2.0])
        self.intrinsic = np.array(
            [[focal_px, 0, self.centre[0]], [0, focal_px, self.centre[1]], [0, 0, 1.0]]
        )

    def camera_from_world(self, points: np.ndarray) -> np.ndarray:
        """World points (N, 3) to camera space (N, 3)."""
        return (points - self.position).dot(self.rotation.T)

    def pixels_from_camera(self, points: np.ndarray) -> np.ndarray:
        """Camera-space points (..., 3) with positive depth to pixels (..., 2)."""
        pixels = points[..., :2] * (self.focal_px / points[..., 2:3]) + self.centre
        return np.minimum(np.maximum(pixels, -FARTHEST_PX), FARTHEST_PX)

    def depth(self, x: float, z: float) -> float:
        """How far ahead of the camera a point of the ground lies, in metres along the optical
        axis."""
        ahead = self.rotation[2]
        return float(
            ahead[0] * (x - self.position[0])
            - ahead[1] * self.position[1]
            + ahead[2] * (z - self.position[2])
        )

    def outline(self, points: np.ndarray) -> np.ndarray:
        """A world polygon (N, 3) cut at the near plane and projected: pixels (M, 2), M = 0 where it
        is behind."""
        points = self.camera_from_world(points)
        if (points[:, 2] < NEAR_M).any():
            points = _cut_near(points)
        return self.pixels_from_camera(points)

    def outlines(self, polygons: Sequence[np.ndarray]) -> List[np.ndarray]:
        """`outline` of many polygons, faster than one by one."""
        if not polygons:
            return []
        points = self.camera_from_world(np.concatenate(polygons))
        pixels = self.pixels_from_camera(np.maximum(points, (-np.inf, -np.inf, NEAR_M)))
        ends = np.cumsum([len(polygon) for polygon in polygons])
        starts = ends - [len(polygon) for polygon in polygons]
        nearest, farthest = (
            np.minimum.reduceat(points[:, 2], starts),
            np.maximum.reduceat(points[:, 2], starts),
        )
        found = []
        for start, end, near, far in zip(starts, ends, nearest, farthest):
            if near >= NEAR_M:
                found.append(pixels[start:end])
            else:
                cut = _cut_near(points[start:end]) if far >= NEAR_M else points[:0]
                found.append(self.pixels_from_camera(cut))
        return found

    def plane_homography(self, origin: np.ndarray, axes: np.ndarray) -> np.ndarray:
        """Homography (3, 3) that takes metres (s, t, 1) in the plane origin + s axes[0] + t axes[1]
        to pixels."""
        columns = np.stack([axes[0], axes[1], origin - self.position], axis=1)
        return self.intrinsic.dot(self.rotation.dot(columns))

    def horizon_row(self) -> float:
        """Row of the horizon in the middle column."""
        return float(self.centre[1] - self.focal_px * np.tan(self.pose.pitch))


def _cut_near(points: np.ndarray) -> np.ndarray:
    """Sutherland-Hodgman against the plane depth = NEAR_M, in camera space (N, 3)."""
    kept = []
    for start, end in zip(points, np.roll(points, -1, axis=0)):
        if start[2] >= NEAR_M:
            kept.append(start)
        if (start[2] >= NEAR_M) != (end[2] >= NEAR_M):
            share = (NEAR_M - start[2]) / (end[2] - start[2])
            kept.append(start + share * (end - start))
    return np.array(kept).reshape(-1, 3)
