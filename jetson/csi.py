"""CSI cameras of a Jetson: the GStreamer pipeline that brings their frames to OpenCV.

The sensor goes through the board's image processor (nvarguscamerasrc), its frames leave the chip's own memory as BGRx
(nvvidconv has no BGR), and an appsink that holds one frame drops older ones. OpenCV 4.5 and later takes BGRx as it is;
the one of JetPack 4.6 does not, and there the CPU converts. Knows text only; no camera is touched here.
"""

from fractions import Fraction
from typing import Tuple

FLIPS = 8  # methods of nvvidconv: 0 none, 1 a quarter turn left, 2 half a turn, 3 right, 4 mirrored, ...


def csi_pipeline(sensor_id: int, size_wh: Tuple[int, int], fps: float, flip: int, takes_bgrx: bool = True) -> str:
    """gst-launch text for cv2.VideoCapture(text, cv2.CAP_GSTREAMER); size_wh and fps are the sensor's, before a flip.

    takes_bgrx: frames arrive as BGRx, (H, W, 4); else as BGR, by a pass of videoconvert.
    """
    rate = Fraction(fps).limit_denominator(1001)
    convert = "" if takes_bgrx else " ! videoconvert ! video/x-raw,format=BGR"
    return ("nvarguscamerasrc sensor-id=%d"
            " ! video/x-raw(memory:NVMM),width=%d,height=%d,format=NV12,framerate=%d/%d"
            " ! nvvidconv flip-method=%d ! video/x-raw,format=BGRx%s"
            " ! appsink drop=true max-buffers=1 sync=false") % (
        (sensor_id,) + size_wh + (rate.numerator, rate.denominator, flip, convert))
