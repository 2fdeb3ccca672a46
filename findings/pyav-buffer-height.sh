#!/bin/sh
# A picture of 66 rows as I420, handed to PyAV's VideoFrame.from_ndarray and from_numpy_buffer: how tall the frames are.
#
# av 18.1.0 and 15.0.0. Expected: 66 both times. Seen: from_numpy_buffer reckons height // 6 * 4, so of every height that
# two divides and four does not, two rows go, and the colours are read from the wrong place; nothing is said.
#   from_ndarray 66, from_numpy_buffer 64
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check av==18.1.0 numpy
"$folder/venv/bin/python" - <<'END'
import sys

import av
import numpy as np

planes = np.zeros((66 * 3 // 2, 98), np.uint8)
copied = av.VideoFrame.from_ndarray(planes, format="yuv420p")
shared = av.VideoFrame.from_numpy_buffer(planes, format="yuv420p")
print("from_ndarray %d, from_numpy_buffer %d" % (copied.height, shared.height))
sys.exit((copied.height, shared.height) != (66, 64))
END
