"""`catseye run` in a process of its own whose log speaks exactly while native calls are silenced.

The decoder of pictures begins its second one and waits inside the silence until the alarm has been
written, and the alarm waits for it; the camera gives another size than it was asked for while it is
being opened. Both print on descriptor 2 as libraries do.
"""

import logging
import os
import sys
import threading

import cv2
import numpy as np

from catseye.__main__ import main

PATIENCE_S = 60
silent, said = threading.Event(), threading.Event()
decoded = []
true_decode, true_emit = cv2.imdecode, logging.StreamHandler.emit


def decode(*arguments):
    os.write(2, b"libpng error: native words\n")
    decoded.append(arguments)
    if len(decoded) == 2:
        silent.set()
        assert said.wait(PATIENCE_S)
    return true_decode(*arguments)


def emit(handler, record):
    is_alarm = "alarm" in record.getMessage()
    assert not is_alarm or silent.wait(PATIENCE_S)
    true_emit(handler, record)
    if is_alarm:
        said.set()


class Capture:
    """cv2.VideoCapture of a camera that does nothing it is asked for, and never ends."""

    def __init__(self, name, backend):
        os.write(2, b"VIDEOIO ERROR: native words\n")
        self.frames = 0

    def isOpened(self):
        return True

    def get(self, what):
        sizes = {cv2.CAP_PROP_FRAME_WIDTH: 64.0, cv2.CAP_PROP_FRAME_HEIGHT: 48.0}
        return sizes.get(what, 15.0 if what == cv2.CAP_PROP_FPS else 0.0)

    def set(self, what, value):
        return False

    def grab(self):
        self.frames += 1
        return True

    def retrieve(self):
        return True, np.full((48, 64, 3), 100 + self.frames % 100, np.uint8)

    def release(self):
        pass


if __name__ == "__main__":
    cv2.imdecode, cv2.VideoCapture, logging.StreamHandler.emit = decode, Capture, emit
    sys.exit(main())
