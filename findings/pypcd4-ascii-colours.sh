#!/bin/sh
# Three coloured points and two times, written by pypcd4 as PCD in each of its encodings, and read again by it.
#
# pypcd4 1.5.1. PCL packs a colour into the bits of a float, and so does PointCloud.encode_rgb. Expected: the same points, in
# text with as many digits as it takes. Seen: text has ten places behind the point for all, and a colour is a number of 1e-38:
# all points of an ASCII file are black, without a word, and the binary ones are right; a small number becomes 0, and one of
# eight bytes comes back as its first ten digits.
#   ASCII: colours [[0, 0, 0], [0, 0, 0], [0, 0, 0]], times 0.0, 0.3333333333
#   BINARY: colours [[255, 128, 1], [0, 200, 0], [10, 20, 30]], times 2e-11, 0.3333333333333333
#   BINARY_COMPRESSED: the same as BINARY
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pypcd4==1.5.1
"$folder/venv/bin/python" - <<'END'
import io

import numpy as np
from pypcd4 import Encoding, PointCloud

COLOURS = np.array([[255, 128, 1], [0, 200, 0], [10, 20, 30]], np.uint8)


def back(cloud, encoding):
    file = io.BytesIO()
    cloud.save(file, encoding=encoding)
    file.seek(0)
    return PointCloud.from_fileobj(file)


def colours(cloud):
    return PointCloud.decode_rgb(cloud.pc_data["rgb"]).tolist()


places = np.arange(9, dtype=np.float32).reshape(3, 3)
painted = PointCloud.from_xyzrgb_points(np.hstack([places, PointCloud.encode_rgb(COLOURS).reshape(3, 1)]))
timed = PointCloud.from_xyzit_points(np.array([[1, 2, 3, 0.5, 2e-11], [1, 2, 3, 0.5, 1 / 3]]))
found = {}
for encoding in (Encoding.ASCII, Encoding.BINARY, Encoding.BINARY_COMPRESSED):
    times = back(timed, encoding).pc_data[timed.fields[-1]].tolist()
    found[encoding.name] = colours(back(painted, encoding)), times
    print("%s: colours %s, times %s, %s" % (encoding.name, found[encoding.name][0], *times))
right = COLOURS.tolist(), [2e-11, 1 / 3]
seen = {"ASCII": ([[0, 0, 0]] * 3, [0.0, 0.3333333333]), "BINARY": right, "BINARY_COMPRESSED": right}
raise SystemExit(0 if found == seen else 1)
END
