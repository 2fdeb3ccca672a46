"""A camera model as a ROS `camera_info` YAML file, with the mount's lines below. Knows the layout
that camera_calibration_parsers reads; what the lines mean is `camera_file.py`'s."""

from typing import Dict, Optional, Sequence

import numpy as np

from catseye.runtime.geometry.camera_file import mount_as_json, vehicle_as_json
from catseye.runtime.geometry.camera_model import Mount, Vehicle
from catseye.runtime.geometry.lens import Lens


def yaml_of_lens(
    lens: Lens,
    mount: Optional[Mount] = None,
    vehicle: Optional[Vehicle] = None,
    ignore: Sequence[Sequence[float]] = (),
) -> str:
    """Of a lens with its size; mount and vehicle None where nobody knows them yet."""
    assert lens.size_wh is not None
    sized = lens.at(lens.size_wh)
    width, height = lens.size_wh
    matrix = sized.matrix()
    distortion = list(lens.distortion) or [0.0] * (4 if lens.fisheye else 5)
    model = "equidistant" if lens.fisheye else "plumb_bob"
    if not lens.fisheye and len(distortion) > 5:
        model, distortion = (
            "rational_polynomial",
            (distortion + [0.0] * 3)[: max(8, len(distortion))],
        )
    lines = [
        "image_width: %d" % width,
        "image_height: %d" % height,
        "camera_name: camera",
        *_matrix("camera_matrix", matrix),
        "distortion_model: " + model,
        *_matrix("distortion_coefficients", np.array([distortion])),
        *_matrix("rectification_matrix", np.eye(3)),
        *_matrix("projection_matrix", np.hstack([matrix, np.zeros((3, 1))])),
    ]
    if mount is None:
        lines += [
            "# how it is mounted: add its height, then `catseye calibrate --ground`",
            "# height_m: 1.4",
        ]
    else:
        lines += _lines(mount_as_json(mount))
    if vehicle is not None:
        lines += _lines(vehicle_as_json(vehicle))
    if ignore:
        corners = ", ".join("[%.1f, %.1f]" % (x, y) for x, y in ignore)
        lines.append("ignore: [%s]" % corners)
    return "\n".join(lines) + "\n"


def _matrix(name: str, matrix: np.ndarray) -> Sequence[str]:
    rows, columns = matrix.shape
    data = ", ".join("%.10g" % value for value in matrix.ravel())
    return [name + ":", "  rows: %d" % rows, "  cols: %d" % columns, "  data: [%s]" % data]


def _lines(numbers: Dict[str, float]) -> Sequence[str]:
    return ["%s: %.6g" % item for item in numbers.items()]
