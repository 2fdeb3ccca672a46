#!/bin/sh
# A car that looks along y (yaw 90 degrees) on a slope of 5 degrees: roll, pitch and yaw of its quaternion.
#
# pyquaternion 0.9.9 (nuScenes' devkit brings it), ahrs 0.4.0, transforms3d 0.4.2, squaternion 2025.3.2, scipy 1.17.1. All are
# said to be yaw about z, pitch about the new y, roll about the newest x. Expected: roll 0, pitch 5, yaw 90. Seen:
# pyquaternion takes the matrix for Rx Ry Rz, so the slope comes out as roll; ahrs gives three of its functions the right
# order, and two the angles of the inverse rotation, last first, so DCM(rpy=...).to_rpy() does not give back what went in.
# Without a slope all agree, so a test on a flat road passes.
#   scipy, transforms3d, squaternion: roll 0, pitch 5, yaw 90
#   pyquaternion yaw_pitch_roll: roll -5, pitch 0, yaw 90
#   ahrs Quaternion.to_angles, QuaternionArray.to_angles, q2rpy: roll 0, pitch 5, yaw 90
#   ahrs DCM.to_rpy, q2euler: [5, 0, -90]
#   ahrs DCM(rpy=10, 20, 30 degrees).to_rpy(): [-28.5, -22.2, 1.1]
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1 pyquaternion==0.9.9 \
    AHRS==0.4.0 transforms3d==0.4.2 squaternion==2025.3.2
"$folder/venv/bin/python" - <<'END'
import ahrs
import numpy as np
import squaternion
from ahrs.common import orientation
from pyquaternion import Quaternion
from scipy.spatial.transform import Rotation
from transforms3d.euler import quat2euler

turned = Rotation.from_euler("ZYX", [90, 5, 0], degrees=True)
q = turned.as_quat(scalar_first=True)
matrix = turned.as_matrix()
RIGHT, INVERSE = [0, 5, 90], [5, 0, -90]
told = {
    "scipy": (turned.as_euler("ZYX")[::-1], RIGHT),
    "transforms3d": (quat2euler(q), RIGHT),
    "squaternion": (squaternion.Quaternion(*q).to_euler(), RIGHT),
    "pyquaternion yaw_pitch_roll": (Quaternion(q).yaw_pitch_roll[::-1], [-5, 0, 90]),
    "ahrs Quaternion.to_angles": (ahrs.Quaternion(q).to_angles(), RIGHT),
    "ahrs QuaternionArray.to_angles": (ahrs.QuaternionArray(np.array([q])).to_angles()[0], RIGHT),
    "ahrs q2rpy": (orientation.q2rpy(q), RIGHT),
    "ahrs DCM.to_rpy": (ahrs.DCM(matrix).to_rpy(), INVERSE),
    "ahrs q2euler": (orientation.q2euler(q), INVERSE),
    "ahrs DCM(rpy=10, 20, 30 degrees).to_rpy()": (
        ahrs.DCM(rpy=np.radians([10, 20, 30])).to_rpy(),
        [-28.5, -22.2, 1.1],
    ),
}
as_seen = True
for name, (angles, seen) in told.items():
    degrees = (np.degrees(angles).round(1) + 0).tolist()
    print(f"{name}: roll, pitch, yaw {degrees}")
    as_seen &= np.allclose(degrees, seen)
raise SystemExit(0 if as_seen else 1)
END
