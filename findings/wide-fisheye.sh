#!/bin/sh
# A lens of 190 degrees, as cars have them for parking: a ray to its pixel and back by Kannala and Brandt's model.
#
# opencv-python-headless 5.0.0.93 (4.12 alike), pycolmap 4.2.1, gtsam 4.3.0. The model is a polynomial of the angle and knows no
# 90 degrees; the coefficients are 0.05, -0.01, 0.002, -0.0005. Expected: what the formula says, or an error. Seen: OpenCV
# puts a ray of 95 degrees on the other side of the picture, where that of 85 lies; on the way back it cuts off at a
# distorted angle of 90 degrees before it undistorts, so that pixels of 85 degrees and more come back as 84. pycolmap's way back
# is right to 90 degrees and gives 59 for 95, while its way there says None; gtsam does not converge at 88, and says so.
#   80 degrees, right is 447 px: opencv 447 px out, back 80.0; pycolmap 447 px, back 80.0; gtsam 447 px, 80.0
#   88 degrees, right is 494 px: opencv 494 px out, back 84.3; pycolmap 494 px, back 88.0; gtsam 494 px, RuntimeError
#   95 degrees, right is 535 px: opencv -477 px out, back 84.8; pycolmap None px, back 58.9; gtsam RuntimeError px, RuntimeError
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 opencv-python-headless==5.0.0.93 \
    pycolmap==4.2.1 gtsam==4.3.0
"$folder/venv/bin/python" - <<'END'
import math

import cv2
import gtsam
import numpy as np
import pycolmap

FOCAL, X, Y = 300.0, 640.0, 480.0
BEND = [0.05, -0.01, 0.002, -0.0005]
matrix, still = np.array([[FOCAL, 0, X], [0, FOCAL, Y], [0, 0, 1]]), np.zeros(3)
colmap = pycolmap.Camera(model="OPENCV_FISHEYE", width=1280, height=960, params=[FOCAL, FOCAL, X, Y, *BEND])
lens = gtsam.Cal3Fisheye(FOCAL, FOCAL, 0, X, Y, *BEND)
gtsam_camera = gtsam.PinholeCameraCal3Fisheye(gtsam.Pose3(), lens)


def asked(question, *arguments):
    try:
        return question(*arguments)
    except RuntimeError:
        return "RuntimeError"


def out(pixel):
    return pixel if pixel is None or isinstance(pixel, str) else round(float(np.ravel(pixel)[0] - X))


def degrees_of(ray):
    if isinstance(ray, str):
        return ray
    x, y, z = np.append(np.ravel(ray), 1.0)[:3]
    return round(math.degrees(math.atan2(math.hypot(x, y), z)), 1)


found = {}
for degrees in (80, 88, 95):
    angle = math.radians(degrees)
    ray = np.array([math.sin(angle), 0, math.cos(angle)])
    pixel = np.array([X + FOCAL * sum(k * angle ** (2 * i + 1) for i, k in enumerate([1, *BEND])), Y])
    found[degrees] = [
        out(cv2.fisheye.projectPoints(ray.reshape(1, 1, 3), still, still, matrix, np.array(BEND))[0]),
        degrees_of(cv2.fisheye.undistortPoints(pixel.reshape(1, 1, 2), matrix, np.array(BEND))),
        out(colmap.img_from_cam(ray)),
        degrees_of(colmap.cam_ray_from_img(pixel)),
        out(asked(gtsam_camera.project, ray)),
        degrees_of(asked(lens.calibrate, pixel)),
    ]
    text = "%s degrees, right is %.0f px: opencv %s px out, back %s; pycolmap %s px, back %s; gtsam %s px, %s"
    print(text % (degrees, pixel[0] - X, *found[degrees]))
failed = "RuntimeError"
seen = {
    80: [447, 80.0, 447, 80.0, 447, 80.0],
    88: [494, 84.3, 494, 88.0, 494, failed],
    95: [-477, 84.8, None, 58.9, failed, failed],
}
raise SystemExit(0 if found == seen else 1)
END
