"""The folder sink: NAME.png is the overlay without timings, NAME.mask.png the class ids where there is a mask."""

import os

import cv2
import numpy as np

from catseye.runtime.errors import CatseyeError
from catseye.runtime.files import write_bytes
from catseye.runtime.frame import Frame
from catseye.runtime.sinks.base import Sink, WriteReport
from catseye.runtime.sinks.places import check_writable, write_error
from catseye.runtime.tasks import Result


class FolderSink(Sink):
    """One picture per frame, each whole or not there. NAME is the frame's name, else its index in six digits."""

    def __init__(self, path: str) -> None:
        self.path = path
        _make_folder(path)
        check_writable(path)

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        name = os.path.join(self.path, frame.name or "%06d" % frame.index)
        mask = getattr(result, "mask", None)
        if mask is not None:
            _write_png(name + ".mask.png", mask)
        _write_png(name + ".png", report.overlay)


def _make_folder(path: str) -> None:
    parent = os.path.dirname(path.rstrip("/")) or "."
    if not os.path.isdir(path.rstrip("/") or "/"):
        if os.path.exists(path.rstrip("/")):
            raise CatseyeError("%s is a file" % path, "a folder", "choose another path")
        if not os.path.isdir(parent):
            raise CatseyeError("no folder %s for %s" % (parent, path), "a folder that exists", "make it")
        try:
            os.mkdir(path)
        except OSError as error:
            raise write_error(path, error) from error


def _write_png(path: str, image: np.ndarray) -> None:
    try:
        write_bytes(path, cv2.imencode(".png", image)[1].tobytes())
    except OSError as error:
        raise write_error(path, error) from error
