#!/bin/sh
# A camera file cut in its midst, read by cv2.FileStorage in Python: which exception tells of it.
#
# opencv-python-headless 5.0.0.93 and 4.12.0.88. Expected: cv2.error, as from every other function of OpenCV. Seen: SystemError,
# "returned a result with an exception set", of the constructor, whose cause is the cv2.error; `except cv2.error` lets it pass.
#   yaml SystemError caused by error
#   json SystemError caused by error
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
for version in 4.12.0.88 5.0.0.93; do
    "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "opencv-python-headless==$version"
    "$folder/venv/bin/python" - <<'END'
import sys

import cv2

TEXTS = {"yaml": "%YAML:1.0\nimage_width: 640\nD: [1, 2\n", "json": '{"image_width": 640, "D": [1,'}
flags = cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY
seen = []
for name, text in TEXTS.items():
    try:
        cv2.FileStorage(text, flags)
    except Exception as error:
        seen.append((type(error).__name__, type(error.__cause__).__name__))
        print(name, seen[-1][0], "caused by", seen[-1][1])
sys.exit(seen != [("SystemError", "error")] * 2)
END
done
