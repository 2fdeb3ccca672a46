"""How FFmpeg opens a network stream through OpenCV: soon, and without a delay that stays.

Knows the two environment variables and the parameters that OpenCV reads while it opens; not what
comes of the stream.
"""

import os
import threading
from contextlib import contextmanager
from typing import Iterator, List

import cv2

OPTIONS_VARIABLE = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
THREADS_VARIABLE = "OPENCV_FFMPEG_THREADS"
# no `fflags;nobuffer`, which throws away what was read while probing, the opening key frame too
OPTIONS = "rtsp_transport;%s|max_delay;200000|analyzeduration;1000000"
OPENING = threading.Lock()  # the environment and the list of sockets are the whole process's


@contextmanager
def ffmpeg_settings(transport: str) -> Iterator[None]:
    """Settings that OpenCV reads while it opens a stream; a user's own stay. Not for files, which
    they would harm."""
    if OPTIONS_VARIABLE in os.environ:
        yield
        return
    os.environ[OPTIONS_VARIABLE] = OPTIONS % transport
    try:
        yield
    finally:
        os.environ.pop(OPTIONS_VARIABLE, None)


def opening_parameters(open_s: float, read_s: float) -> List[int]:
    """For cv2.VideoCapture, as far as this OpenCV has them: FFmpeg's own time-outs (4.5.2), so that
    no thread is left behind, and one decoding thread (4.6), since each further one holds a frame
    back. A user's own number of threads stays."""
    parameters = []
    if hasattr(cv2, "CAP_PROP_OPEN_TIMEOUT_MSEC"):
        parameters += [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(open_s * 1000)]
        parameters += [cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(read_s * 1000)]
    if hasattr(cv2, "CAP_PROP_N_THREADS") and THREADS_VARIABLE not in os.environ:
        parameters += [cv2.CAP_PROP_N_THREADS, 1]
    return parameters


def ffmpeg_capture(
    address: str, transport: str, open_s: float, read_s: float
) -> "cv2.VideoCapture":
    """The stream, open or not; the caller holds OPENING."""
    parameters = opening_parameters(open_s, read_s)
    with ffmpeg_settings(transport):
        if parameters:
            return cv2.VideoCapture(address, cv2.CAP_FFMPEG, parameters)
        return cv2.VideoCapture(address, cv2.CAP_FFMPEG)
