"""Sources: where frames come from. `open_source` is the door; docs/uri-grammar.md has the grammar.

Knows which word before `://` stands for what, and how a path is told from a folder, a glob and a
video.
"""

import logging
import os
import re
from typing import Callable, Dict

from catseye.runtime.errors import CatseyeError, SourceError
from catseye.runtime.picture_files.formats import is_picture
from catseye.runtime.sources.base import Source
from catseye.runtime.sources.images import ImagesSource, paths_in_folder, paths_in_glob
from catseye.runtime.system.masking import masked
from catseye.runtime.system.named_address import real_address

__all__ = ["Source", "check_source", "is_of_camera", "open_source"]

log = logging.getLogger("catseye")

EXPECTED = (
    "a video, picture or recording, a folder or glob of pictures, csi://0, v4l2:///dev/video0,"
    " rtsp://..., http(s)://..., replay://LOG, synthetic://road or env://NAME of such"
)


def open_source(uri: str) -> Source:
    """Open a source for use in a `with` block. What follows `://` is taken literally, without any
    decoding.

    Raises CatseyeError for an address nobody knows, SourceError where what it names cannot be
    opened, and ModelFileError for a recording that is damaged.
    """
    uri = real_address(uri)
    scheme = _scheme_of(uri)
    source = SCHEMES[scheme](uri[len(scheme + "://") :], uri) if scheme else _open_path(uri)
    kind, count = type(source).__name__, source.count
    log.debug("source %s: %s, %.3g fps, %s frames", source.description, kind, source.fps, count)
    return source


def check_source(uri: str) -> None:
    """Raise CatseyeError for an address of a kind that nobody knows; nothing is opened."""
    _scheme_of(real_address(uri))


def is_of_camera(uri: str) -> bool:
    """Whether a source at this address, where it does not open, may do so later."""
    uri = real_address(uri)
    is_device = re.match(r"/dev/video|[0-9]{1,3}\Z", uri) is not None
    return is_device or _scheme_of(uri) in CAMERA_SCHEMES


def _scheme_of(uri: str) -> str:
    """What stands before `://`, "" for a path. Raises CatseyeError where nobody knows it."""
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*)://", uri)
    if scheme is not None and scheme.group(1) not in SCHEMES:
        raise CatseyeError("unknown source %r" % masked(uri), EXPECTED)
    return scheme.group(1) if scheme else ""


def _open_path(path: str) -> Source:
    if path.startswith("/dev/video"):
        return _open_v4l2(path, path)
    if os.path.isdir(path):
        return _open_folder(path)
    if not os.path.exists(path):
        if any(letter in path for letter in "*?["):
            return ImagesSource(paths_in_glob(path), path)
        if re.match(r"[0-9]{1,3}\Z", path):  # as OpenCV counts cameras
            return _open_v4l2("/dev/video" + path, path)
        raise SourceError("no source %r" % masked(path), EXPECTED, "check the path")
    if is_picture(path):
        return ImagesSource([path], path)
    return _open_film_or_recording(path)


def _open_film_or_recording(path: str) -> Source:
    # who reads a camera or pictures needs neither
    from catseye.runtime.recording.mcap import is_recording
    from catseye.runtime.sources.video import VideoSource

    return _open_replay(path, path) if is_recording(path) else VideoSource(path)


def _open_folder(path: str) -> Source:
    from catseye.runtime.sources.replay import is_bag

    return _open_replay(path, path) if is_bag(path) else ImagesSource(paths_in_folder(path), path)


def _open_synthetic(scene: str, uri: str) -> Source:
    if scene.partition("?")[0] == "light":
        from catseye.runtime.latency.synthetic_light import open_synthetic_light

        return open_synthetic_light(scene.partition("?")[2], uri)
    # a board that reads a camera need not load the street
    from catseye.runtime.sources.synthetic import open_synthetic

    return open_synthetic(scene, uri)


def _open_replay(path: str, uri: str) -> Source:
    from catseye.runtime.sources.replay import open_replay

    return open_replay(path, uri)


def _open_stream(rest: str, uri: str) -> Source:
    # who reads a file or a camera of its own needs none of it: a sixth of the start
    from catseye.runtime.sources.stream import open_stream

    return open_stream(rest, uri)


def _open_http(rest: str, uri: str) -> Source:
    from catseye.runtime.sources.http.opening import open_http

    return open_http(rest, uri)


def _open_v4l2(rest: str, uri: str) -> Source:
    from catseye.runtime.sources.v4l2 import open_v4l2

    return open_v4l2(rest, uri)


def _open_csi(rest: str, uri: str) -> Source:
    # it asks the board's folder, which nobody else here needs
    from catseye.runtime.sources.csi import open_csi

    return open_csi(rest, uri)


# each takes what follows `://` and the whole address
SCHEMES: Dict[str, Callable[[str, str], Source]] = {
    "synthetic": _open_synthetic,
    "replay": _open_replay,
    "csi": _open_csi,
    "v4l2": _open_v4l2,
    "rtsp": _open_stream,
    "http": _open_http,
    "https": _open_http,
}
CAMERA_SCHEMES = ("synthetic", "csi", "v4l2", "rtsp", "http", "https")
