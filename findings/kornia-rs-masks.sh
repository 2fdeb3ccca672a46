#!/bin/sh
# A mask of class ids 0, 3 and 9 turned, resized and widened by kornia-rs, nearest where it interpolates: which ids come out.
#
# kornia-rs 0.2.0 (Python), uint8, beside opencv-python-headless 5.0.0.93. Expected: the ids 0, 3 and 9, and a dilation that
# stays where it was. Seen: warp_affine and warp_perspective take "nearest" and interpolate all the same, byte for byte as with
# "bilinear", so that along every outline there are ids of classes that the mask does not have; "bicubic" is the same too,
# and "lanczos". resize heeds the word. The "ellipse" of dilate reaches one pixel further up and left than down and
# right: one of 3x3 is a square of 2x2, and a disc that is widened by it moves by half a pixel. "box" and "cross" are right.
#   nearest: warp_affine and warp_perspective ids [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], resize ids [0, 3, 9]
#   warp_affine: nearest, bilinear, bicubic, lanczos alike; OpenCV nearest: ids [0, 3, 9]
#   one pixel dilated by 3x3: box 9 pixels, cross 5, moved 0.0 0.0; ellipse 4 pixels, moved -0.5 -0.5
#   one pixel dilated by 5x5: box 25 pixels, cross 9, moved 0.0 0.0; ellipse 16 pixels, moved -0.5 -0.5
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 kornia-rs==0.2.0 \
    opencv-python-headless==5.0.0.93
"$folder/venv/bin/python" - <<'END'
import cv2
import numpy as np
from kornia_rs import imgproc

HEIGHT, WIDTH = 120, 160
mask = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
cv2.circle(mask, (60, 60), 40, (3, 3, 3), -1)
cv2.rectangle(mask, (70, 20), (130, 100), (9, 9, 9), -1)
turn = cv2.getRotationMatrix2D((80, 60), 20, 1)
turns = [float(each) for each in turn.ravel()]


def ids(picture):
    return sorted(set(np.asarray(picture).ravel().tolist()))


def widened(kernel, size):
    """Pixels that a single one becomes, and how far their middle lies from it, down and right"""
    dot = np.zeros((21, 21, 1), np.uint8)
    dot[10, 10] = 1
    rows, columns = np.nonzero(np.asarray(imgproc.dilate(dot, kernel, (size, size)))[..., 0])
    return len(rows), float(rows.mean()) - 10, float(columns.mean()) - 10


affine = {
    how: np.asarray(imgproc.warp_affine(mask, turns, (HEIGHT, WIDTH), how))
    for how in ("nearest", "bilinear", "bicubic", "lanczos")
}
perspective = imgproc.warp_perspective(mask, turns + [0.0, 0.0, 1.0], (HEIGHT, WIDTH), "nearest")
resized = imgproc.resize(mask, (180, 240), "nearest")
alike = all(np.array_equal(affine["nearest"], other) for other in affine.values())
right = cv2.warpAffine(mask, turn, (WIDTH, HEIGHT), flags=cv2.INTER_NEAREST)
print("nearest: warp_affine %s, warp_perspective %s, resize %s" % (ids(affine["nearest"]), ids(perspective), ids(resized)))
print("warp_affine: nearest, bilinear, bicubic, lanczos alike: %s; OpenCV nearest: ids %s" % (alike, ids(right)))
dots = {(kernel, size): widened(kernel, size) for size in (3, 5) for kernel in ("box", "cross", "ellipse")}
for (kernel, size), told in dots.items():
    print("one pixel dilated by %dx%d, %s: %d pixels, moved %.1f %.1f" % (size, size, kernel, *told))
seen = {("box", 3): (9, 0, 0), ("cross", 3): (5, 0, 0), ("ellipse", 3): (4, -0.5, -0.5)}
seen.update({("box", 5): (25, 0, 0), ("cross", 5): (9, 0, 0), ("ellipse", 5): (16, -0.5, -0.5)})
same = ids(affine["nearest"]) == ids(perspective) == list(range(10)) and alike and dots == seen
raise SystemExit(0 if same and ids(resized) == ids(right) == [0, 3, 9] else 1)
END
