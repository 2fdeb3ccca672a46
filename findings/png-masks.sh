#!/bin/sh
# One mask of class ids as PNG, read "unchanged" and as grey: which of its ids come back.
#
# opencv-python-headless 5.0.0.93 (4.5.5 to 4.14 alike) and Pillow 13.0.0. Expected: IMREAD_UNCHANGED gives what was
# written, and two libraries bring 16 bits to 8 alike. Seen: OpenCV stretches 1, 2 and 4 bits to 0..255 under
# IMREAD_UNCHANGED too (id 1 becomes 255, which many data sets call void), Pillow 4 bits but not 1; of 16 bits OpenCV
# keeps the upper 8 (the ids become 0), while Pillow keeps the value and stops at 255.
#   1 bit [0, 1]: Pillow [0, 1], OpenCV unchanged [0, 255]
#   4 bits [0, 1, 2, 11]: Pillow [0, 17, 34, 187], OpenCV unchanged [0, 17, 34, 187]
#   16 bits as grey [1, 2, 255, 700]: Pillow [1, 2, 255, 255], OpenCV [0, 0, 0, 2]
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 Pillow==13.0.0 opencv-python-headless==5.0.0.93
"$folder/venv/bin/python" - <<'END'
import io
import struct
import zlib

import cv2
import numpy as np
from PIL import Image


def png(bits, ids):
    """A grey PNG of one row, 8 / bits ids to a byte."""
    row = "".join(f"{each:0{bits}b}" for each in ids)
    pixels = int(row.ljust(-(-len(row) // 8) * 8, "0"), 2).to_bytes(-(-len(row) // 8), "big")
    header = struct.pack(">IIBBBBB", len(ids), 1, bits, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" + pixels)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def opencv(data, flag):
    return cv2.imdecode(np.frombuffer(data, np.uint8), flag).ravel().tolist()


def pillow(data, mode=None):
    picture = Image.open(io.BytesIO(data))
    return np.array(picture.convert(mode) if mode else picture).astype(int).ravel().tolist()


seen = []
for bits, ids in ((1, [0, 1]), (4, [0, 1, 2, 11])):
    data = png(bits, ids)
    stretched = opencv(data, cv2.IMREAD_UNCHANGED)
    print(f"{bits} bit{'s' * (bits > 1)} {ids}: Pillow {pillow(data)}, OpenCV unchanged {stretched}")
    seen.append(stretched)
ids = [1, 2, 255, 700]
deep = png(16, ids)
grey, clipped = opencv(deep, cv2.IMREAD_GRAYSCALE), pillow(deep, "L")
print(f"16 bits as grey {ids}: Pillow {clipped}, OpenCV {grey}")
raise SystemExit(
    seen != [[0, 255], [0, 17, 34, 187]] or grey != [0, 0, 0, 2] or clipped != [1, 2, 255, 255]
)
END
