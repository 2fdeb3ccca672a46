#!/bin/sh
# A point to a pixel and back, by librealsense's own pair of functions, for each model of distortion that it names.
#
# pyrealsense2 2.59.1.11053, no camera. 640x480, f 600, coefficients of a usual lens. Expected: the point comes back, or an
# error where a model has no inverse. Seen: with modified_brown_conrady the way there bends and the way back does not, so
# the point comes back 5 pixels off and nothing is raised; ftheta is 1 pixel off; the others come back.
#   none: 0.0 pixels off
#   modified_brown_conrady: 5.9 pixels off
#   inverse_brown_conrady: 0.0 pixels off
#   brown_conrady: 0.0 pixels off
#   ftheta: 1.2 pixels off
#   kannala_brandt4: 0.0 pixels off
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pyrealsense2==2.59.1.11053
"$folder/venv/bin/python" - <<'END'
import math

import pyrealsense2 as rs

FOCAL, POINT = 600.0, [0.5, 0.3, 1.0]
COEFFICIENTS = {"ftheta": [0.1, 0, 0, 0, 0], "kannala_brandt4": [0.1, 0.02, 0, 0, 0]}
EXPECTED_OFF = {"modified_brown_conrady": 5.9, "ftheta": 1.2}

as_seen = True
for name in (
    "none",
    "modified_brown_conrady",
    "inverse_brown_conrady",
    "brown_conrady",
    "ftheta",
    "kannala_brandt4",
):
    lens = rs.intrinsics()
    lens.width, lens.height, lens.fx, lens.fy, lens.ppx, lens.ppy = 640, 480, FOCAL, FOCAL, 320.0, 240.0
    lens.model = getattr(rs.distortion, name)
    lens.coeffs = COEFFICIENTS.get(name, [0.1, -0.2, 0.001, 0.002, 0.05])
    pixel = rs.rs2_project_point_to_pixel(lens, POINT)
    back = rs.rs2_deproject_pixel_to_point(lens, pixel, POINT[2])
    off = FOCAL * math.dist(back, POINT)
    print(f"{name}: {off:.1f} pixels off")
    as_seen &= round(off, 1) == EXPECTED_OFF.get(name, 0.0)
raise SystemExit(not as_seen)
END
