#!/usr/bin/env bash
# opencv-python-headless 4.5.5.64, 4.12.0.88, 4.13.0.92 and 5.0.0.93: one H.264 file, four answers.
# imageio-ffmpeg 0.6.0's ffmpeg makes (1) a transport stream of 25 frames 640x360 and 25 frames 480x640, joined, and
# (2) the same YUV twice, once tagged BT.709 and once not tagged; cv2.VideoCapture (FFmpeg) reads them.
#
# Seen: (1) 4.5.5 follows the size; 4.12 gives the 25th frame again, byte for byte, 25 times, read() is True and nothing
# is printed on standard output; 4.13 and 5.0 squeeze what comes into the first size. (2) 4.5.5 and 4.12 decode both
# films alike (BT.601); 4.13 and 5.0 heed the tag.
#   4.5.5: sizes 2, repeats 0, heeds the tag False
#   4.12.0: sizes 1, repeats 25, heeds the tag False
#   4.13.0: sizes 1, repeats 0, heeds the tag True
#   5.0.0: sizes 1, repeats 0, heeds the tag True
# Exits 1 where that has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
${PYTHON:-python3} -m venv "$folder/venv"
pip() { "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "$@"; }
pip imageio-ffmpeg==0.6.0
ffmpeg=$("$folder/venv/bin/python" -c 'import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())')
source=testsrc2=r=25:d=1
make() { local out=${!#}; "$ffmpeg" -v error -y "${@:1:$#-1}" -c:v libx264 "$out"; }
make -f lavfi -i $source:s=640x360 -bf 0 "$folder/a.ts"
make -f lavfi -i $source:s=480x640 -bf 0 "$folder/b.ts"
cat "$folder/a.ts" "$folder/b.ts" > "$folder/joined.ts"
"$ffmpeg" -v error -y -f lavfi -i $source:s=320x180 -frames:v 1 -pix_fmt yuv420p -f rawvideo "$folder/one.yuv"
raw=(-f rawvideo -pix_fmt yuv420p -s 320x180 -i "$folder/one.yuv" -qp 8)
make "${raw[@]}" "$folder/plain.mp4"
make "${raw[@]}" -colorspace bt709 -color_primaries bt709 -color_trc bt709 "$folder/tagged.mp4"
cat > "$folder/read.py" <<'PYTHON'
import sys

import cv2
import numpy as np


def frames(name):
    capture, found = cv2.VideoCapture("%s/%s" % (sys.argv[1], name), cv2.CAP_FFMPEG), []
    while True:
        ok, image = capture.read()
        if not ok:
            return found
        found.append(image)


joined = frames("joined.ts")
repeats = sum(a.shape == b.shape and (a == b).all() for a, b in zip(joined, joined[1:]))
plain, tagged = frames("plain.mp4")[0].astype(int), frames("tagged.mp4")[0]
heeded = bool(np.abs(plain - tagged).max() > 5)
sizes = len({image.shape for image in joined})
print("%s: sizes %d, repeats %d, heeds the tag %s" % (cv2.__version__, sizes, repeats, heeded))
PYTHON
for version in 4.5.5.64 4.12.0.88 4.13.0.92 5.0.0.93; do
    numpy='numpy>=2'
    [ "$version" = 4.5.5.64 ] && numpy='numpy<2'
    pip "opencv-python-headless==$version" "$numpy"
    "$folder/venv/bin/python" "$folder/read.py" "$folder" 2> /dev/null
done | tee "$folder/seen"
printf '%s\n' '4.5.5: sizes 2, repeats 0, heeds the tag False' '4.12.0: sizes 1, repeats 25, heeds the tag False' \
    '4.13.0: sizes 1, repeats 0, heeds the tag True' '5.0.0: sizes 1, repeats 0, heeds the tag True' | cmp - "$folder/seen"
