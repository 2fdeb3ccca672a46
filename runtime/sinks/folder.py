"""The folder sink: NAME.png is the overlay without timings, NAME.mask.png the class ids where there
is a mask.

A folder with pictures in it is kept as it is, and the next free one is written. With a limit
(`folder://PATH?limit=500MB`) a later run goes on in it, and the oldest pictures make room for new
ones.
"""

import os
import re
from collections import OrderedDict
from contextlib import suppress
from typing import List

import numpy as np

from catseye.runtime.errors import CatseyeError, SinkError
from catseye.runtime.frame import Frame
from catseye.runtime.pictures import png_bytes
from catseye.runtime.sinks.base import Sink, WriteReport
from catseye.runtime.sinks.output_paths import (
    check_space,
    fresh_folder,
    held_folder,
    make_folder,
    writing,
)
from catseye.runtime.system.files import write_bytes
from catseye.runtime.system.option_values import A_SIZE, byte_count
from catseye.runtime.tasks import Result

MARKER = ".catseye-rotates"  # in a folder whose pictures may be removed


class FolderSink(Sink):
    """One picture per frame, each whole or not there. NAME is the frame's name, else its index in
    six digits.

    path: the folder that is written, which held no pictures before.
    """

    _name_ends = ""  # what keeps NAME apart from those of earlier runs

    def __init__(self, path: str) -> None:
        """Raises SinkError where neither `path` nor one beside it can be a folder that takes files,
        or another run is in it."""
        self.path, self._held = fresh_folder(path, lambda folder: not _pictures_in(folder))

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        name = os.path.join(self.path, frame.file_stem + self._name_ends)
        mask = getattr(result, "mask", None)
        if mask is not None:
            self._save(name + ".mask.png", mask)
        self._save(name + ".png", report.overlay)

    def _save(self, path: str, picture: np.ndarray) -> None:
        data = png_bytes(picture)
        check_space(self.path, len(data))
        write_bytes(path, data)

    def close(self) -> None:
        held, self._held = self._held, -1
        if held >= 0:
            os.close(held)


class RotatingFolderSink(FolderSink):
    """Pictures of at most `limit_bytes` in all, those of earlier runs included; the oldest go
    first. The names of a later run end in its number: 000041.2.png.

    Works in a folder that was empty, or made so by an earlier run, because what it removes must be
    its own.
    """

    def __init__(self, path: str, limit_bytes: int) -> None:
        """Raises SinkError where `path` cannot be such a folder, or another run is in it."""
        make_folder(path)
        self.path, self._held = path, held_folder(path)
        self._limit_bytes = limit_bytes
        self._sizes: "OrderedDict[str, int]" = OrderedDict()  # by path, the oldest first
        self._bytes = 0
        try:
            _mark(path)
        except SinkError:
            self.close()
            raise
        earlier = sorted(_pictures_in(path), key=os.path.getmtime)
        if earlier:
            self._name_ends = ".%d" % (max(map(_run_of, earlier)) + 1)
        for picture in earlier:
            self._count(picture)

    def _save(self, path: str, picture: np.ndarray) -> None:
        super()._save(path, picture)
        self._count(path)
        while self._bytes > self._limit_bytes and len(self._sizes) > 1:
            oldest, size = self._sizes.popitem(last=False)
            self._bytes -= size
            with suppress(FileNotFoundError):  # somebody else made room
                os.remove(oldest)

    def _count(self, path: str) -> None:
        self._bytes -= self._sizes.pop(path, 0)
        self._sizes[path] = os.path.getsize(path)
        self._bytes += self._sizes[path]


def open_limited_folder(rest: str) -> FolderSink:
    """`PATH?limit=500MB`, or PATH alone; everything before the last `?limit=` is the path.

    Raises CatseyeError for a limit that does not fit, SinkError where nothing can be written there.
    """
    path, marker, limit = rest.rpartition("?limit=")
    if not marker and rest:
        return FolderSink(rest)
    if not path:
        raise CatseyeError("folder://" + rest, "folder://PATH or folder://PATH?limit=SIZE")
    try:
        limit_bytes = byte_count(limit)
    except ValueError:
        raise CatseyeError("folder://" + rest, A_SIZE + " behind ?limit=") from None
    return RotatingFolderSink(path, limit_bytes)


def _mark(folder: str) -> None:
    marker = os.path.join(folder, MARKER)
    if not os.path.exists(marker):
        if os.listdir(folder):
            raise SinkError(
                "%s holds other files" % folder,
                "an empty folder, since old pictures are removed",
                "choose another",
            )
        with writing(marker), open(marker, "wb"):
            pass


def _pictures_in(folder: str) -> List[str]:
    return [
        os.path.join(folder, name)
        for name in os.listdir(folder)
        if name.endswith(".png") and not name.startswith(".")
    ]


def _run_of(picture: str) -> int:
    """The number in which the name of a picture ends, 0 where there is none."""
    found = re.search(r"\.(\d{1,9})(\.mask)?\.png$", picture)
    return int(found.group(1)) if found else 0
