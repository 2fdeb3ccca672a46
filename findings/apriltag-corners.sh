#!/bin/sh
# AprilTags of a known size and place, drawn and found by OpenCV and by AprilTag's own library: where their corners are.
#
# opencv-python-headless 5.0.0.93 (cv2.aruco, tag36h11), pyapriltags 3.4.3.1. 25 tags each, drawn by averaging, turned by up
# to 15 degrees, a little blurred and noisy; the middle of the first pixel is at 0. Expected: the same four corners but for
# some hundredths of a pixel, in another order at most. Seen: pyapriltags counts from the corner of the first pixel, half a
# pixel off for cv2.solvePnP, and so does OpenCV itself with CORNER_REFINE_APRILTAG, not with the others; its default finds
# tags of 32 pixels 1.7 % too small, so that they are said to be 1.7 % too far, and neither SUBPIX nor CONTOUR mends that.
# OpenCV's drawing is upside down to AprilTag, whose poses of it are turned by 180 degrees.
#   32 px, NONE: 0.0 px right, 0.0 down, 1.7 % too small, order [0, 1, 2, 3]
#   32 px, SUBPIX: 0.0 px right, 0.0 down, 2.0 % too small, order [0, 1, 2, 3]
#   32 px, CONTOUR: 0.0 px right, 0.0 down, 1.6 % too small, order [0, 1, 2, 3]
#   32 px, APRILTAG: 0.5 px right, 0.5 down, 0.0 % too small, order [0, 1, 2, 3]
#   32 px, pyapriltags: 0.5 px right, 0.5 down, -0.1 % too small, order [1, 0, 3, 2]
#   64 px: the same, but NONE 1.1, SUBPIX 0.6, CONTOUR 1.7 % too small
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 opencv-python-headless==5.0.0.93 \
    pyapriltags==3.4.3.1
"$folder/venv/bin/python" - <<'END'
import math

import cv2
import numpy as np
import pyapriltags

FAMILY = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_APRILTAG_36h11)
TAG = cv2.aruco.generateImageMarker(FAMILY, 3, 8)
EDGE, FINER = 96, 16  # pixels of a picture, and samples in each
random = np.random.default_rng(0)


def drawn(size):
    """A picture with a tag, and the tag's corners, clockwise from the upper left of the drawing"""
    size *= random.uniform(0.97, 1.03)
    x, y = EDGE / 2 + random.uniform(-0.5, 0.5, 2)
    angle = random.uniform(-0.26, 0.26)
    cosine, sine = math.cos(angle), math.sin(angle)
    places = (np.arange(EDGE * FINER) + 0.5) / FINER - 0.5
    across, down = places - x, places[:, None] - y
    column = np.floor((cosine * across + sine * down) / size * 8 + 4).astype(int)
    row = np.floor((cosine * down - sine * across) / size * 8 + 4).astype(int)
    inside = (column >= 0) & (column < 8) & (row >= 0) & (row < 8)
    fine = np.where(inside, TAG[row.clip(0, 7), column.clip(0, 7)], 255) * 0.7 + 30
    picture = cv2.GaussianBlur(fine.reshape(EDGE, FINER, EDGE, FINER).mean((1, 3)), (0, 0), 0.7)
    picture = (picture + random.normal(0, 2, picture.shape)).clip(0, 255).round().astype(np.uint8)
    ways = size / 2 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    return picture, [x, y] + ways @ [[cosine, sine], [-sine, cosine]]


def by_opencv(refinement):
    settings = cv2.aruco.DetectorParameters()
    settings.cornerRefinementMethod = getattr(cv2.aruco, "CORNER_REFINE_" + refinement)
    detector = cv2.aruco.ArucoDetector(FAMILY, settings)
    return lambda picture: [each.reshape(4, 2) for each in detector.detectMarkers(picture)[0]]


def by_apriltag():
    detector = pyapriltags.Detector(families="tag36h11", quad_decimate=1.0)
    return lambda picture: [each.corners for each in detector.detect(picture)]


def perimeter(corners):
    return np.linalg.norm(corners - np.roll(corners, 1, 0), axis=1).sum()


finders = {name: by_opencv(name) for name in ("NONE", "SUBPIX", "CONTOUR", "APRILTAG")}
finders["pyapriltags"] = by_apriltag()
as_seen = True
for size, smaller in ((32, (1.7, 2, 1.6, 0, -0.1)), (64, (1.1, 0.6, 1.7, 0, 0))):
    tags = [drawn(size) for _ in range(25)]
    for (name, found_in), seen_smaller in zip(finders.items(), smaller):
        shifts, sizes, orders = [], [], set()
        for picture, right in tags:
            for corners in found_in(picture):
                order = np.linalg.norm(corners[:, None] - right, axis=2).argmin(1)
                shifts.append((corners - right[order]).mean(0))
                sizes.append(perimeter(corners) / perimeter(right))
                orders.add(tuple(order.tolist()))
        right, down, percent = (np.append(np.mean(shifts, 0), 100 - 100 * np.mean(sizes)).round(1) + 0).tolist()
        order = list(min(orders))
        text = "%d px, %s: %.1f px right, %.1f down, %.1f %% too small, order %s"
        print(text % (size, name, right, down, percent, order))
        aside = 0.45 if "APRILTAG" in name.upper() else 0
        as_seen &= max(abs(right - aside), abs(down - aside)) < 0.15 and abs(percent - seen_smaller) < 0.3
        as_seen &= len(orders) == 1 and order == ([1, 0, 3, 2] if name == "pyapriltags" else [0, 1, 2, 3])
        as_seen &= len(shifts) > 15
raise SystemExit(0 if as_seen else 1)
END
