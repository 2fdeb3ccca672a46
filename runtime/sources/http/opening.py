"""Which source an `http(s)://` address is, by what its server answers: a motion JPEG stream, single
JPEGs, a video file, or a stream that OpenCV reads.

Knows content types and options; how each is read stands in the modules around.
"""

import posixpath
import time
from typing import NamedTuple, Optional

from catseye.runtime.errors import SourceError
from catseye.runtime.picture_files.jpeg import START
from catseye.runtime.sources.base import Source
from catseye.runtime.sources.faults import LOST, OF_STREAMS, CameraFault, Limits
from catseye.runtime.sources.http.cameras import MotionJpegCamera, SnapshotCamera
from catseye.runtime.sources.http.connection import Answer, Client
from catseye.runtime.sources.http.multipart import begins_as_multipart
from catseye.runtime.sources.live.camera import Camera
from catseye.runtime.sources.live.source import open_live
from catseye.runtime.sources.options import FPS, limits_among
from catseye.runtime.sources.stream import OPTIONS as STREAM_OPTIONS
from catseye.runtime.sources.stream import open_stream, split_options
from catseye.runtime.sources.video import VideoSource
from catseye.runtime.system.masking import masked
from catseye.runtime.system.option_values import Options, read_options, switch

EXAMPLE = "http://USER:PASSWORD@192.168.1.20/video.mjpg#read_s=3"
SNAPSHOTS_PER_SECOND = 5.0
MOTION_JPEG, SNAPSHOT, FILE, STREAM = "motion JPEG", "snapshot", "file", "stream"
NO_VIDEO = ("text/html", "image/", "audio/", "application/json", "application/xhtml")
UNSTATED = ("", "application/octet-stream")
VIDEOS = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".mjpeg", ".mjpg")
# what FFmpeg reads by itself, in many requests or in one that never ends: some servers take one
# connection only, and would have spent it on us
STREAMS = (".m3u8", ".mpd", ".ts", ".flv", ".sdp")


class HttpOptions(NamedTuple):
    """fps: of snapshots.  insecure: whether any certificate will do."""

    fps: float = SNAPSHOTS_PER_SECOND
    insecure: bool = False


def open_http(_: str, uri: str) -> Source:
    """`uri`: the whole address. Raises SourceError where the server gives no pictures, and says
    why; CatseyeError for an option that does not fit."""
    address, text = split_options(uri)
    values = read_options(text, OPTIONS, EXAMPLE)
    backend = values.pop("backend", None)
    values.pop("transport", None)
    limits, options = limits_among(values, OF_STREAMS), HttpOptions(**values)
    client = Client(address, limits.open_s, options.insecure)
    if backend or _suffix(address) in STREAMS:
        return _opencv_stream(uri, client)
    answer = client.get()
    kind = kind_of(answer, limits)
    if kind in (MOTION_JPEG, SNAPSHOT):
        if kind == SNAPSHOT:  # which comes no sooner than it is asked for
            limits = limits._replace(read_s=limits.read_s + 1.0 / options.fps)
        opener = _Opener(client, answer, limits, options)
        return open_live(opener, masked(uri), limits)
    answer.close()
    if kind == FILE:
        return VideoSource(client.address.uri, masked(address))
    return _opencv_stream(uri, client)


def kind_of(answer: Answer, limits: Limits) -> str:
    """One of the kinds above. Raises SourceError for what is neither picture nor video."""
    sent = answer.content_type
    if sent in UNSTATED:
        begin = answer.peek(time.monotonic() + limits.open_s)
        if begins_as_multipart(begin) or begin.startswith(START):
            return MOTION_JPEG if begins_as_multipart(begin) else SNAPSHOT
    if sent.startswith("multipart/"):
        return MOTION_JPEG
    if sent in ("image/jpeg", "image/jpg"):
        return SNAPSHOT
    if sent.startswith(NO_VIDEO):
        answer.close()
        raise SourceError(
            "%s gives %.40s" % (answer.address.place, sent),
            "motion JPEG (multipart/x-mixed-replace), JPEGs or a video",
            "its manual, or its page in a browser, names the address of its stream",
        )
    is_video = sent.startswith("video/") or _suffix(answer.address.target) in VIDEOS
    return FILE if is_video and answer.length is not None else STREAM


class _Opener:
    """Opens the camera: at first by the answer that told its kind, later by a new one. Its pace is
    learnt once."""

    def __init__(self, client: Client, first: Answer, limits: Limits, options: HttpOptions) -> None:
        self._client, self._limits, self._options = client, limits, options
        self._first: Optional[Answer] = first
        self._fps: Optional[float] = None

    def __call__(self) -> Camera:
        answer, self._first = self._first or self._client.get(), None
        try:
            camera = self._camera_of(answer)
        except BaseException:
            answer.close()
            raise
        self._fps = camera.fps
        return camera

    def _camera_of(self, answer: Answer) -> Camera:
        kind = kind_of(answer, self._limits)
        if kind == MOTION_JPEG:
            return MotionJpegCamera(answer, self._limits, self._fps)
        if kind == SNAPSHOT:
            return SnapshotCamera(self._client, answer, self._limits, self._options.fps)
        raise CameraFault(LOST, "%s gives %s now" % (answer.address.place, answer.content_type))


def _opencv_stream(uri: str, client: Client) -> Source:
    """What FFmpeg or GStreamer read; where they do not, the server is asked why."""
    text = split_options(uri)[1]
    kept = [each for each in text.split("&") if each.partition("=")[0] in STREAM_OPTIONS]
    try:
        return open_stream("", client.address.uri + ("#" + "&".join(kept) if kept else ""))
    except SourceError:
        kind_of(client.get(), OF_STREAMS)  # raises what the server says
        raise


def _suffix(address: str) -> str:
    path = address.partition("?")[0].partition("#")[0]
    return posixpath.splitext(path)[1].lower()


OPTIONS: Options = dict(
    STREAM_OPTIONS,
    fps=FPS,
    insecure=("insecure", switch, "0, or 1 to take any certificate"),
)
