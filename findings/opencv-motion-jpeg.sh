#!/usr/bin/env bash
# opencv-python-headless 5.0.0.93: one JPEG is two pictures, and a torn one in a stream looks whole.
# A motion JPEG file and an HTTP stream (multipart/x-mixed-replace, 10 pictures a second, every fifth cut at half) of the
# same soft noise, read by cv2.VideoCapture (FFmpeg) and by cv2.imdecode.
#
# Seen: of one and the same JPEG FFmpeg and imdecode give pictures that are up to 41 grey levels apart (chroma is
# upsampled otherwise); the packets that FFmpeg gives undecoded (CAP_PROP_FORMAT = -1) are the JPEG, and decoded by
# imdecode equal it. Over HTTP the torn pictures come as frames like any other, read() is True, and the rate is told
# as 25.
#   more than 20 grey levels apart: True, packets as imdecode: True
#   frames: 15 of 15 with 3 torn, rate told: 25
# Exits 1 where that has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check opencv-python-headless==5.0.0.93
"$folder/venv/bin/python" - "$folder" <<'PYTHON' | tee "$folder/seen"
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import cv2
import numpy as np

grains = np.random.RandomState(0).randint(0, 255, (240, 320, 3)).astype(np.uint8)
soft = cv2.normalize(cv2.GaussianBlur(grains, (0, 0), 3), None, 0, 255, cv2.NORM_MINMAX)
jpegs = [cv2.imencode(".jpg", np.roll(soft, 9 * number, 1))[1].tobytes() for number in range(5)]


def decoded(data):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


path = sys.argv[1] + "/film.mjpeg"
with open(path, "wb") as stream:
    stream.write(b"".join(jpegs))
frames, packets = cv2.VideoCapture(path, cv2.CAP_FFMPEG), cv2.VideoCapture(path, cv2.CAP_FFMPEG)
packets.set(cv2.CAP_PROP_FORMAT, -1)
far, same = 0, True
for data in jpegs:
    picture = decoded(data).astype(int)
    far = max(far, int(np.abs(frames.read()[1] - picture).max()))
    same = same and bool((decoded(packets.read()[1].tobytes()) == picture).all())
print("more than 20 grey levels apart: %s, packets as imdecode: %s" % (far > 20, same))


class Camera(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        for number in range(1, 31):
            data = jpegs[number % 5]
            data = data[: len(data) // 2] if number % 5 == 0 else data
            head = "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(data)
            self.wfile.write(head.encode() + data + b"\r\n")
            time.sleep(0.1)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Camera)
threading.Thread(target=server.serve_forever, daemon=True).start()
capture = cv2.VideoCapture("http://127.0.0.1:%d/" % server.server_port, cv2.CAP_FFMPEG)
good = sum(capture.read()[0] for _ in range(15))
print("frames: %d of 15 with 3 torn, rate told: %g" % (good, capture.get(cv2.CAP_PROP_FPS)))
PYTHON
printf '%s\n' 'more than 20 grey levels apart: True, packets as imdecode: True' 'frames: 15 of 15 with 3 torn, rate told: 25' \
    | cmp - "$folder/seen"
