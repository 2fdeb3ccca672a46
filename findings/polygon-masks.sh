#!/bin/sh
# A lane marking outlined by a polygon, filled by four libraries: how wide it gets, and where it lies.
#
# opencv-python-headless 5.0.0.93 (fillPoly, also with 4 bits of fraction), Pillow 13.0.0, pycocotools 2.0.11, scikit-image
# 0.26.0. 200 stripes of 60 pixels anywhere between pixels, at any angle. Expected: the stripe's area in the mean, and its
# place. Seen: OpenCV takes every pixel that the outline touches too, with fractions as well, so that a stripe of 2 pixels
# becomes 3 wide; Pillow lies between, and half a pixel to the left and above, as pycocotools does, whose coordinates are
# corners of pixels; scikit-image alone has the area, with middles. Of stripes of 2 pixels the masks of OpenCV and
# of pycocotools have an IoU of 0.60, which is the most that a network gets that learns from one and is judged by the other.
#   1 px: area of OpenCV 1.97, with fractions 1.95, Pillow 1.62, pycocotools 1.00, scikit-image 1.00 of what is right
#   2 px: area of OpenCV 1.47, with fractions 1.48, Pillow 1.34, pycocotools 1.00, scikit-image 1.00 of what is right
#   4 px: area of OpenCV 1.24, with fractions 1.24, Pillow 1.18, pycocotools 1.00, scikit-image 1.00 of what is right
#   4 px: right and down by OpenCV +0.0 +0.0, with fractions +0.0 +0.1, Pillow -0.5 -0.5, pycocotools -0.5 -0.5,
#     scikit-image +0.0 +0.0
#   2 px: IoU of OpenCV's masks with pycocotools' 0.60
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 opencv-python-headless==5.0.0.93 \
    Pillow==13.0.0 pycocotools==2.0.11 scikit-image==0.26.0
"$folder/venv/bin/python" - <<'END'
import math

import cv2
import numpy as np
import skimage.draw
from PIL import Image, ImageDraw
from pycocotools import mask as coco

SIDE, LENGTH = 160, 60


def by_opencv(corners, bits=0):
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.fillPoly(mask, [np.round(corners * 2**bits).astype(np.int32)], 1, shift=bits)
    return mask


def by_pillow(corners):
    mask = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(mask).polygon([tuple(corner) for corner in corners.tolist()], fill=1)
    return np.array(mask)


def by_coco(corners):
    return coco.decode(coco.frPyObjects([corners.ravel().tolist()], SIDE, SIDE))[:, :, 0]


def by_skimage(corners):
    return skimage.draw.polygon2mask((SIDE, SIDE), corners[:, ::-1])


LIBRARIES = {
    "OpenCV": by_opencv,
    "with fractions": lambda corners: by_opencv(corners, 4),
    "Pillow": by_pillow,
    "pycocotools": by_coco,
    "scikit-image": by_skimage,
}


def told(width):
    """{library: (area as a part of the right one, pixels to the right, pixels down)}, in the mean; and the IoU of the
    masks of OpenCV and pycocotools"""
    random, found, alike = np.random.default_rng(0), {name: [] for name in LIBRARIES}, []
    for _ in range(200):
        angle, middle = random.uniform(0, math.pi), random.uniform(70, 90, 2)
        along = np.array([math.cos(angle), math.sin(angle)]) * LENGTH / 2
        across = np.array([-math.sin(angle), math.cos(angle)]) * width / 2
        corners = middle + [-along - across, along - across, along + across, -along + across]
        masks = {name: fill(corners) > 0 for name, fill in LIBRARIES.items()}
        one, other = masks["OpenCV"], masks["pycocotools"]
        alike.append((one & other).sum() / (one | other).sum())
        for name, mask in masks.items():
            rows, columns = np.nonzero(mask)
            off = np.array([columns.mean(), rows.mean()]) - middle
            found[name].append([len(rows) / (LENGTH * width), *off])
    return {name: np.mean(each, 0) for name, each in found.items()}, np.mean(alike)


as_seen, alike = True, {}
for width, seen in ((1, (1.97, 1.95, 1.62, 1, 1)), (2, (1.47, 1.48, 1.34, 1, 1)), (4, (1.24, 1.24, 1.18, 1, 1))):
    found, alike[width] = told(width)
    areas = ", ".join("%s %.2f" % (name, each[0]) for name, each in found.items())
    print("%d px: area of %s of what is right" % (width, areas))
    as_seen &= np.allclose([each[0] for each in found.values()], seen, atol=0.03)
places = np.array([each[1:] for each in found.values()]).round(2) + 0.0
print("%d px: right and down by %s" % (width, ", ".join("%s %+.1f %+.1f" % (n, *p) for n, p in zip(found, places))))
as_seen &= np.allclose(places, np.array([[0], [0], [-0.5], [-0.5], [0]]), atol=0.12)
print("2 px: IoU of OpenCV's masks with pycocotools' %.2f" % alike[2])
raise SystemExit(0 if as_seen and 0.55 < alike[2] < 0.65 else 1)
END
