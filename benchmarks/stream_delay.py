"""From the moment a picture is made to the moment OpenCV has it, over a real RTSP server, with and
without the settings of `catseye`, in one run: `python benchmarks/stream_delay.py [--json]`.

GStreamer (Debian: python3-gi, gir1.2-gst-rtsp-server-1.0, gstreamer1.0-plugins-good, -bad, -ugly)
makes pictures that hold the time in sixteen blocks of bits, and sends them as H.264 with a key
frame every twelve seconds; nothing is awaited but the network of this machine.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import time

import cv2
import numpy as np

from catseye.runtime.sources.live.opencv_camera import keep_opencv_quiet
from catseye.runtime.sources.stream import open_stream
from catseye.runtime.sources.streams.settings import OPTIONS_VARIABLE, THREADS_VARIABLE

BITS, FRAMES_PER_SECOND, KEY_EVERY, SIZE_WH = 16, 15, 180, (640, 360)
BAND_ROWS = 32
LONGEST_S = 20.0
# as they were in 0.1.0's first state: probed packets thrown away, a thread per core
BEFORE = (
    "rtsp_transport;tcp|fflags;nobuffer|flags;low_delay|max_delay;200000|analyzeduration;1000000"
)
SERVER = """
import sys, time, gi
gi.require_version("Gst", "1.0"); gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer
port, bits, fps, key, width, height, band = sys.argv[1], *map(int, sys.argv[2:])
LAUNCH = (
    "( appsrc name=fed is-live=true format=time do-timestamp=true"
    " caps=video/x-raw,format=GRAY8,width=%d,height=%d,framerate=%d/1 ! videoconvert !"
    " video/x-raw,format=I420 ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=%d"
    " option-string=scenecut=0 ! rtph264pay name=pay0 )" % (width, height, fps, key)
)
rest = bytes((x + y) % 200 + 20 for y in range(height - band) for x in range(width))
def picture():
    ms = int(time.time() * 1000)
    row = b"".join(bytes((235 if ms >> i & 1 else 16,)) * (width // bits) for i in range(bits))
    return row * band + rest
class Factory(GstRtspServer.RTSPMediaFactory):
    def do_configure(self, media):
        fed = media.get_element().get_by_name_recurse_up("fed")
        buffer = lambda: Gst.Buffer.new_wrapped(picture())
        push = lambda: fed.emit("push-buffer", buffer()) == Gst.FlowReturn.OK
        GLib.timeout_add(1000 // fps, push)
Gst.init(None)
server = GstRtspServer.RTSPServer(); server.set_address("127.0.0.1"); server.set_service(port)
factory = Factory(); factory.set_launch(LAUNCH)
server.get_mount_points().add_factory("/front", factory); server.attach(None)
print("ready", flush=True); GLib.MainLoop().run()
"""


def age_ms(image):
    """How long ago the (H, W, 3) picture says it was made."""
    blocks = np.array_split(image[4 : BAND_ROWS - 4].mean(axis=(0, 2)), BITS)
    made_ms = sum(int(block[8:-8].mean() > 125) << i for i, block in enumerate(blocks))
    return (int(time.time() * 1000) - made_ms) % (1 << BITS)


def by_opencv(uri, seconds, threads):
    """(seconds to the first picture, ages in ms) with the settings of before."""
    os.environ[OPTIONS_VARIABLE] = BEFORE
    begun_s, ages, first_s = time.monotonic(), [], None
    capture = cv2.VideoCapture(uri, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, threads])
    while time.monotonic() - begun_s < (first_s or LONGEST_S) + seconds:
        if not capture.grab():
            break
        first_s = first_s or time.monotonic() - begun_s
        ages.append(age_ms(capture.retrieve()[1]))
    capture.release()
    del os.environ[OPTIONS_VARIABLE]
    return first_s, ages


def by_catseye(uri, seconds, threads):
    """The same with the settings of now."""
    begun_s, ages, first_s = time.monotonic(), [], None
    with open_stream("", uri) as source:
        for frame in source:
            first_s = first_s or time.monotonic() - begun_s
            ages.append(age_ms(frame.image))
            if time.monotonic() - begun_s > first_s + seconds:
                break
    return first_s, ages


def measured(how, uri, seconds, threads):
    first_s, ages = how(uri, seconds, threads)
    p50, p95 = np.percentile(ages, (50, 95))
    return {"first_s": round(first_s, 2), "age_ms": {"p50": round(p50), "p95": round(p95)}}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=4.0, help="per run")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ.pop(THREADS_VARIABLE, None)
    keep_opencv_quiet()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    numbers = (port, BITS, FRAMES_PER_SECOND, KEY_EVERY) + SIZE_WH + (BAND_ROWS,)
    server = subprocess.Popen(
        ["/usr/bin/python3", "-c", SERVER] + [str(number) for number in numbers],
        stdout=subprocess.PIPE,
    )
    try:
        if server.stdout.readline() != b"ready\n":
            sys.exit("no RTSP server: see the first lines of this file")
        uri = "rtsp://127.0.0.1:%d/front" % port
        runs = [("before, %d threads" % threads, by_opencv, threads) for threads in (2, 12)]
        found = {
            name: measured(how, uri, options.seconds, threads)
            for name, how, threads in runs + [("catseye", by_catseye, 1)]
        }
    finally:
        server.kill()
        server.wait()
    found["opencv"] = cv2.__version__
    print(
        json.dumps(found) if options.json else "\n".join("%s: %s" % each for each in found.items())
    )


if __name__ == "__main__":
    main()
