"""Video files: every frame, in order, as fast as it is taken. Knows cv2.VideoCapture; a file never
skips."""

import logging
import os
from typing import Iterator, Optional, Tuple

import cv2
import numpy as np

from catseye.runtime.coding.gstreamer import decoder, file_pipeline
from catseye.runtime.errors import SourceError
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.sources.base import Source, checked_image, plausible_fps
from catseye.runtime.sources.coding.colours import rightly_coloured
from catseye.runtime.sources.coding.header import parameters_told
from catseye.runtime.sources.coding.media_clock import MediaClock
from catseye.runtime.sources.coding.mp4 import Mp4Facts, mp4_facts
from catseye.runtime.sources.coding.size_changes import Part, opened_from, size_changes
from catseye.runtime.sources.live.camera import UNDECODED
from catseye.runtime.sources.live.opencv_camera import mode_of
from catseye.runtime.sources.motion_jpeg import gives_packets, image_from_packet
from catseye.runtime.system.native_stderr import silenced_native_stderr
from catseye.runtime.system.opencv_build import check_opencv_takes
from catseye.runtime.system.reused import ReusedPictures

MOST_FRAMES = 1e9  # containers that do not know their length report what nobody films
SHORTFALL = 0.9  # containers estimate their length, so a few frames less are no news

log = logging.getLogger("catseye")


class VideoSource(Source):
    """A video file. The timestamp of a frame is the moment it was read: a file has no capture time
    to be late for."""

    repeats_itself = True

    def __init__(self, path: str, shown: str = "") -> None:
        """path: of the file, or its address, of which `shown` may be seen. Raises SourceError where
        there is no frame in it."""
        self.description = self._path = shown or path
        check_opencv_takes(path, SourceError)
        if not shown:
            _check_readable(path)
        with silenced_native_stderr():
            self._capture, self._packets, self._first = _opened(path)
            self._changes = None if shown else size_changes(path)
        if not self._first.size:
            mode = mode_of(self._capture)
            self.close()
            raise _no_frame(path, self._path, mode)
        self._tells_position = _tells_position(self._capture)
        self.fps = plausible_fps(self._capture.get(cv2.CAP_PROP_FPS))
        promised = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self.count = int(promised) if 0 < promised < MOST_FRAMES else None
        self._facts = mp4_facts(path)
        self._matrix = _matrix_of(self._capture, self._facts)
        self._clock = MediaClock(self.fps)
        self._pictures = ReusedPictures()

    def __iter__(self) -> Iterator[Frame]:
        index, torn, parts = 0, 0, 1
        image: Optional[np.ndarray] = self._first
        self._first = UNDECODED
        while image is not None:
            part = self._changes.part_that_begins() if self._changes else None
            if part is not None:
                image, parts = self._opened_part(part, index), parts + 1
            media_ns = self._clock.next_ns(self._position_ms())
            if image.size:
                image = rightly_coloured(checked_image(image, self._path), self._matrix)
                yield Frame(image, index, now_ns(), media_time_ns=media_ns)
            torn += not image.size
            image = None  # the one before is not held while the next is decoded
            image = _next_image(self._capture, self._packets, self._pictures.free())
            index += 1
            if image is not None and not self._packets:
                self._pictures.keep(image)
        if torn:
            log.warning("%s: torn pictures left out: %d of %d", self._path, torn, index)
        if parts == 1:
            self._check_whole(index)

    def _position_ms(self) -> float:
        """In the film, of the newest picture; 0 where that is not known."""
        return float(self._capture.get(cv2.CAP_PROP_POS_MSEC)) if self._tells_position else 0.0

    def _opened_part(self, part: Part, index: int) -> np.ndarray:
        """Go on with the part that begins at frame `index`; its first picture."""
        log.warning("%s: pictures of %dx%d from frame %d on", self._path, *part.size_wh, index)
        self.close()
        with silenced_native_stderr():
            self._capture, self._packets = opened_from(self._path, max(0, part.begins)), False
            first = _next_image(self._capture, self._packets)
            self._tells_position = _tells_position(self._capture)
            self._changes = size_changes(self._path, part)
        if part.begins < 0 or first is None or first.shape[1::-1] != part.size_wh:
            raise SourceError(
                "%s: another size from frame %d on, %dx%d" % (self._path, index, *part.size_wh),
                "one size, or files joined whole",
                "cut it there",
            )
        if self._changes is not None:
            self._changes.part_that_begins()  # with this frame: this one
        self._matrix = _matrix_of(self._capture, self._facts)
        self._clock.begin_part()
        return first

    def _check_whole(self, frames: int) -> None:
        promised = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        is_short = self._clock.end_s < SHORTFALL * self._promised_s(promised)
        if frames < SHORTFALL * promised and is_short:
            log.warning(
                "%s ended after %d of %d frames; is it whole?", self._path, frames, promised
            )

    def _promised_s(self, frames: float) -> float:
        """How long it should play: a cut MP4 holds frames before its beginning that are only there
        to be decoded from, and where the rate varies a container reckons with more than there
        are."""
        return self._facts.plays_s or frames / self.fps

    def overwritten_by(self, path: str) -> bool:
        return os.path.realpath(path) == os.path.realpath(self._path)

    def close(self) -> None:
        self._capture.release()
        if self._changes is not None:
            self._changes.close()


def _tells_position(capture: "cv2.VideoCapture") -> bool:
    """Whether it says which picture it has given: GStreamer tells where its sink is, some pictures
    on."""
    return capture.isOpened() and capture.getBackendName() != "GSTREAMER"


def _matrix_of(capture: "cv2.VideoCapture", facts: Mp4Facts) -> Optional[int]:
    """matrix_coefficients of its colours: the stream's own go before the container's."""
    told = parameters_told(capture)
    return facts.matrix if told is None or told.matrix is None else told.matrix


def _check_readable(path: str) -> None:
    try:
        with open(path, "rb"):  # OpenCV would only say "not opened"
            pass
    except OSError as error:
        raise SourceError(
            "cannot read %s: %s" % (path, error.strerror), "a readable file", "check the path"
        ) from error


def _opened(path: str) -> Tuple["cv2.VideoCapture", bool, np.ndarray]:
    """The capture, whether it gives packets, and its first frame, empty where there is none:
    opening proves little, since a header without frames opens too."""
    found = decoder()
    if found is not None and os.path.isfile(path):
        capture = cv2.VideoCapture(file_pipeline(path, found), cv2.CAP_GSTREAMER)
        first = _next_image(capture, packets=False)
        if first is not None:
            log.info("%s: decoded by %s", path, found.element)
            return capture, False, first
        capture.release()  # not what this decoder takes
    capture = cv2.VideoCapture(path)
    if gives_packets(capture):
        first = _next_image(capture, packets=True)
        height_width = tuple(
            int(capture.get(each)) for each in (cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FRAME_WIDTH)
        )
        if first is not None and first.shape[:2] == height_width:
            return capture, True, first
        capture.release()  # two fields in a packet, which FFmpeg weaves, or a torn first one
        capture = cv2.VideoCapture(path)
    first = _next_image(capture, packets=False)
    return capture, False, UNDECODED if first is None else first


def _next_image(
    capture: "cv2.VideoCapture", packets: bool, into: Optional[np.ndarray] = None
) -> Optional[np.ndarray]:
    """The next picture, empty where it is torn; None at the end. into: memory for one of the same
    size."""
    ok, image = capture.read(into)
    if not ok:
        return None
    if packets:
        return image_from_packet(image)
    # BGRx, which a board's converter gives
    return (
        cv2.cvtColor(image, cv2.COLOR_BGRA2BGR)
        if image.ndim == 3 and image.shape[2] == 4
        else image
    )


def _no_frame(path: str, shown: str, mode: str) -> SourceError:
    if mode:
        return SourceError(
            "no frame in %s, which is %s" % (shown, mode),
            "a video that this OpenCV decodes, such as H.264",
            "`ffmpeg -i IN -c:v libx264 OUT.mp4` makes one",
        )
    size = " (%d bytes)" % os.path.getsize(path) if path == shown else ""
    return SourceError(
        "no frame in %s%s" % (shown, size),
        "a picture or a video",
        "check the file in a player; `catseye doctor` shows what OpenCV reads",
    )
