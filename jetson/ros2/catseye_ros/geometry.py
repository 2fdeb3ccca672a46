"""The road in metres as messages, and the camera's model from one.

Knows messages and vehicle coordinates, which are REP 103's; not what is on the road.
"""

import math
from array import array
from typing import TYPE_CHECKING, Any, NamedTuple, Type

import numpy as np

from catseye.runtime.errors import CatseyeError
from catseye.runtime.geometry.camera_file import lens_from_document
from catseye.runtime.geometry.lens import Lens
from catseye.runtime.geometry.road_geometry import RoadGeometry
from catseye.runtime.geometry.steering import centre_line

if TYPE_CHECKING:
    from geometry_msgs.msg import Point, Pose, PoseStamped, Quaternion
    from nav_msgs.msg import Path
    from sensor_msgs.msg import CameraInfo, LaserScan
    from std_msgs.msg import Header

TOPIC = "camera_info"


def lens_from_message(message: "CameraInfo") -> Lens:
    """Of a sensor_msgs/CameraInfo. Raises CatseyeError for a camera that is not calibrated, bins
    its pixels or cuts its picture."""
    region = message.roi
    if max(message.binning_x, message.binning_y) > 1 or region.width or region.height:
        raise CatseyeError(
            "a camera_info with binning or a region of interest",
            "one of the whole picture",
            "let image_proc rectify or resize it",
        )
    document: Any = {
        "image_width": int(message.width),
        "image_height": int(message.height),
        "K": [float(value) for value in message.k],
        "D": [float(value) for value in message.d],
        "distortion_model": message.distortion_model or "plumb_bob",
    }
    return lens_from_document(document, TOPIC)


class Kinds(NamedTuple):
    """The message classes that a path is made of."""

    path: "Type[Path]"
    stamped: "Type[PoseStamped]"
    pose: "Type[Pose]"
    point: "Type[Point]"
    turn: "Type[Quaternion]"


def path_message(kinds: Kinds, header: "Header", found: RoadGeometry) -> "Path":
    """nav_msgs/Path: the middle of the corridor, each pose along it; without a corridor no pose."""
    line = centre_line(found.corridor)
    steps = np.gradient(line, axis=0) if len(line) > 1 else np.ones((len(line), 2)) * (1.0, 0.0)
    halves = np.arctan2(steps[:, 1], steps[:, 0]) / 2
    poses = [
        kinds.stamped(
            header=header,
            pose=kinds.pose(
                position=kinds.point(x=x, y=y, z=0.0),
                orientation=kinds.turn(x=0.0, y=0.0, z=math.sin(half), w=math.cos(half)),
            ),
        )
        for (x, y), half in zip(line.tolist(), halves.tolist())
    ]
    return kinds.path(header=header, poses=poses)


def scan_message(kind: "Type[LaserScan]", header: "Header", found: RoadGeometry) -> "LaserScan":
    """sensor_msgs/LaserScan: the free distance in each direction, from right to left. As REP 117
    has it: +inf where nothing was met, -inf where it is nearer than the ground that is seen."""
    view, free = found.view, found.directions
    angles = view.angles_rad[::-1]
    ranges = np.where(free.beyond, np.inf, np.where(free.m > 0, free.m, -np.inf))[::-1]
    return kind(
        header=header,
        angle_min=float(angles[0]),
        angle_max=float(angles[-1]),
        angle_increment=float((angles[-1] - angles[0]) / (len(angles) - 1)),
        range_min=float(view.near_m),
        range_max=float(view.reach_m),
        time_increment=0.0,
        scan_time=0.0,
        ranges=array("f", ranges),  # rclpy checks every number of any other sequence
        intensities=array("f"),
    )
