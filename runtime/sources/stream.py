"""`rtsp://` and `http(s)://`: network streams, through FFmpeg or GStreamer, whichever this OpenCV
was built with.

Knows the settings that keep a stream young; not what is in it. Options stand behind a `#`, the only
part of an address that is never sent to a server, so that the camera's own `?` stays its own.
"""

import logging
from typing import NamedTuple, Optional, Tuple

import cv2

from catseye.runtime.coding.gstreamer import Decoder, decoded_to_bgrx, decoder, quoted
from catseye.runtime.errors import SourceError
from catseye.runtime.sources.faults import OF_STREAMS, Limits
from catseye.runtime.sources.live.opencv_camera import OpenCVCamera, keep_opencv_quiet
from catseye.runtime.sources.live.source import LiveSource, open_live
from catseye.runtime.sources.options import LIMITS, limits_among
from catseye.runtime.sources.streams.camera import open_by_ffmpeg, unopened
from catseye.runtime.system.masking import masked
from catseye.runtime.system.native_stderr import silenced_native_stderr
from catseye.runtime.system.opencv_build import check_opencv_takes, opencv_has
from catseye.runtime.system.option_values import Options, choice, looks_like_options, read_options

log = logging.getLogger("catseye")

EXAMPLE = "rtsp://192.168.1.20/front#transport=udp&read_s=3"
LIBRARIES = {"ffmpeg": "FFMPEG", "gstreamer": "GStreamer"}  # as OpenCV's build report spells them
NEWEST_ONLY = "appsink drop=true max-buffers=1 sync=false"


class StreamOptions(NamedTuple):
    """transport: of RTSP, tcp or udp.  backend: auto, ffmpeg or gstreamer."""

    transport: str = "tcp"
    backend: str = "auto"


def open_stream(_: str, uri: str) -> LiveSource:
    """`uri`: the whole address. Raises SourceError where nothing answers, or this OpenCV reads no
    streams, CatseyeError for an option that does not fit."""
    address, text = split_options(uri)
    values = read_options(text, OPTIONS, EXAMPLE)
    limits, options = limits_among(values, OF_STREAMS), StreamOptions(**values)
    backend = chosen_backend(options.backend)
    check_opencv_takes(address, SourceError)
    keep_opencv_quiet()
    with silenced_native_stderr():
        return open_live(
            lambda: opened(address, backend, options.transport, limits),
            masked(uri),
            limits,
        )


def split_options(uri: str) -> Tuple[str, str]:
    """The address and the options behind its last `#`; one that does not read as options belongs to
    the address."""
    address, mark, text = uri.rpartition("#")
    return (address, text) if mark and looks_like_options(text) else (uri, "")


def chosen_backend(wanted: str) -> str:
    """ffmpeg or gstreamer; raises SourceError naming what this OpenCV lacks."""
    names = list(LIBRARIES) if wanted == "auto" else [wanted]
    if wanted == "auto" and decoder() is not None:
        return "gstreamer"  # which the board's decoder stands in
    for name in names:
        if opencv_has(LIBRARIES[name]):
            return name
    raise SourceError(
        "this OpenCV was built without " + " and ".join(LIBRARIES[name] for name in names),
        "one of them for network streams" if wanted == "auto" else "it for backend=" + wanted,
        "see `catseye doctor`",
    )


def opened(address: str, backend: str, transport: str, limits: Limits) -> OpenCVCamera:
    """The stream; raises SourceError where none comes."""
    name = masked(address)
    if backend == "ffmpeg":
        return open_by_ffmpeg(address, name, transport, limits)
    capture = _opened_by_gstreamer(address, transport, decoder(), name)
    if not capture.isOpened():
        raise unopened(address, name, LIBRARIES[backend], limits)
    return OpenCVCamera(capture, name)


def _opened_by_gstreamer(
    address: str, transport: str, found: Optional[Decoder], name: str
) -> "cv2.VideoCapture":
    """By the board's decoder where there is one and it takes this stream, else in software; open or
    not."""
    if found is not None:
        pipeline = gstreamer_pipeline(address, transport, found)
        capture = cv2.VideoCapture(pipeline, cv2.CAP_GSTREAMER)
        if capture.isOpened():
            log.info("%s: decoded by %s", name, found.element)
            return capture
        capture.release()
    return cv2.VideoCapture(gstreamer_pipeline(address, transport), cv2.CAP_GSTREAMER)


def gstreamer_pipeline(address: str, transport: str, found: Optional[Decoder] = None) -> str:
    """gst-launch text: the address is quoted, so that none can add elements of its own. found: the
    board's decoder; None for those of software."""
    location = quoted(address)
    if address.startswith("rtsp"):
        source = "rtspsrc location=%s protocols=%s latency=0 drop-on-latency=true" % (
            location,
            transport,
        )
    else:
        source = "souphttpsrc location=%s is-live=true" % location
    if found is not None:
        return "%s ! parsebin ! %s ! %s" % (source, decoded_to_bgrx(found), NEWEST_ONLY)
    return "%s ! decodebin ! videoconvert ! video/x-raw,format=BGR ! %s" % (source, NEWEST_ONLY)


OPTIONS: Options = dict(
    {
        "transport": ("transport", choice("tcp", "udp"), "tcp or udp"),
        "backend": ("backend", choice("auto", "ffmpeg", "gstreamer"), "auto, ffmpeg or gstreamer"),
    },
    **LIMITS,
)
