"""Cameras that OpenCV opens: V4L2 devices and network streams. Knows cv2.VideoCapture; not who takes the frames."""

import glob
import os
import stat
from typing import Any, Optional

import cv2

from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import now_ns
from catseye.runtime.hush import hushed
from catseye.runtime.sources.base import checked_image, plausible_fps
from catseye.runtime.sources.camera import Camera, Shot
from catseye.runtime.sources.live import LiveSource


class OpenCVCamera(Camera):
    """A capture device that has been opened; losing it is an error, since a camera has no last frame."""

    def __init__(self, capture: Any, origin: str) -> None:
        self._capture, self._origin = capture, origin
        self._frames = 0

    def read(self) -> Optional[Shot]:
        grabbed = self._capture.grab()
        timestamp_ns = now_ns()  # between grab and retrieve: decoding is part of the frame's age
        ok, image = self._capture.retrieve() if grabbed else (False, None)
        if not ok:
            found = "%s gave no more frames after %d" % (self._origin, self._frames)
            raise CatseyeError(found, "a camera that goes on", "check its cable, power and network")
        self._frames += 1
        return Shot(timestamp_ns, checked_image(image, self._origin))

    def close(self) -> None:
        self._capture.release()


def open_v4l2(device: str, description: str) -> LiveSource:
    """`device`: a path such as /dev/video0, taken literally. Raises CatseyeError where no camera opens there."""
    _check_device(device)
    with hushed():
        capture = cv2.VideoCapture(device, cv2.CAP_V4L2)
    if not capture.isOpened():
        raise CatseyeError("%s does not open as a camera" % device, "a V4L2 capture device that nobody else uses",
                           "try another of " + _devices())
    return LiveSource(OpenCVCamera(capture, device), description, plausible_fps(capture.get(cv2.CAP_PROP_FPS)))


def open_stream(_: str, address: str) -> LiveSource:
    """`address`: the whole rtsp:// or http(s):// address, which FFmpeg or GStreamer in this OpenCV understands."""
    with hushed():
        capture = cv2.VideoCapture(address)
    if not capture.isOpened():
        raise CatseyeError("no video from %s" % address, "a running stream and an OpenCV with FFmpeg or GStreamer",
                           "try the address in a player; `catseye doctor` shows what OpenCV has")
    return LiveSource(OpenCVCamera(capture, address), address, plausible_fps(capture.get(cv2.CAP_PROP_FPS)))


def _check_device(device: str) -> None:
    if not os.path.exists(device):
        raise CatseyeError("no camera %s" % (device or "named"), "a device such as v4l2:///dev/video0",
                           "here there is " + _devices())
    if not stat.S_ISCHR(os.stat(device).st_mode):
        raise CatseyeError("%s is no device" % device, "a camera such as /dev/video0",
                           "for a file give its path without v4l2://")
    if not (os.access(device, os.R_OK) and os.access(device, os.W_OK)):
        raise CatseyeError("no right to use %s" % device, "read and write access", "join its group, usually `video`")


def _devices() -> str:
    return ", ".join(sorted(glob.glob("/dev/video*"))) or "no /dev/video* at all: is the camera plugged in?"
