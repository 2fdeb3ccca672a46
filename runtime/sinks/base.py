"""Sink: where results go. Knows a frame, its result and the report of how it got here; nothing of
engines."""

import threading
from abc import ABC, abstractmethod
from typing import Dict, List, NamedTuple, Optional, Tuple

import numpy as np

from catseye.runtime.account import Facts
from catseye.runtime.closing import Closing
from catseye.runtime.draw import draw_text, plate_size, shrunk
from catseye.runtime.engines.computed_by import About
from catseye.runtime.frame import Frame
from catseye.runtime.health.frame_quality import OK
from catseye.runtime.sinks.viewing import Viewing
from catseye.runtime.sources.faults import Notice
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks import Result


class EndRun(Exception):
    """Raised by a sink whose reader has gone or wants no more: the run ends well."""


class SinkStatistics(NamedTuple):
    """What one sink took.

    written: results it kept.  skipped: passed by because it was busy, live sources only.  lost: not
    kept because it failed.  error: what it said last, "" while it works.  write_ms: p50, p95, p99
    of one result.
    """

    sink: str
    written: int
    skipped: int
    lost: int
    error: str
    write_ms: Dict[str, float]

    def as_json(self) -> JsonObject:
        return dict(self._asdict())


class WriteReport:
    """Facts for the sinks of one frame, and the pictures they share: each is drawn once, when first
    asked for."""

    def __init__(
        self, frame: Frame, result: Result, facts: Facts, pictures: Optional["Pictures"] = None
    ) -> None:
        self.facts = facts
        self._frame, self._result = frame, result
        self._pictures = pictures or Pictures()

    @property
    def found(self) -> JsonObject:
        """The result in JSON types. Shared: look, do not change."""
        with self._pictures.finding:
            if self._pictures.found is None:
                self._pictures.found = self._result.as_json()
            return self._pictures.found

    @property
    def overlay(self) -> np.ndarray:
        """(H, W, 3) uint8 BGR: the result over its frame. Shared: look, do not draw."""
        pictures = self._pictures
        with pictures.lock:
            if pictures.overlay is None:
                image = self._frame.image
                lined = pictures.lined.get((image.shape[1], image.shape[0]))
                if lined is None:
                    pictures.overlay = self._result.drawn_on(image)
                else:
                    pictures.overlay = lined.without_line()
            return pictures.overlay

    @property
    def annotated(self) -> np.ndarray:
        """(H, W, 3) uint8 BGR: the overlay with a line of age and skipped frames. Shared: look, do
        not draw."""
        return self.lined_for(Viewing()).picture

    def lined_for(self, viewing: Viewing) -> "LinedPicture":
        """The overlay with that line, at the size that who watches wants. Shared likewise."""
        pictures, image = self._pictures, self._frame.image
        size_wh = viewing.fitted_wh(image)
        with pictures.lock:
            if size_wh not in pictures.lined:
                picture = self._drawn_at(size_wh)
                pictures.lined[size_wh] = LinedPicture(picture, self._words())
            return pictures.lined[size_wh]

    def _drawn_at(self, size_wh: Tuple[int, int]) -> np.ndarray:
        """A new picture of the result over the frame; drawn small where it can be."""
        image, overlay = self._frame.image, self._pictures.overlay
        if size_wh == image.shape[1::-1]:
            return self._result.drawn_on(image) if overlay is None else overlay.copy()
        if self._result.any_size:
            return self._result.drawn_on(shrunk(image, size_wh))
        return shrunk(self._result.drawn_on(image) if overlay is None else overlay, size_wh)

    def after_skipping(self, results: int) -> "WriteReport":
        """The same for a sink that has not taken this many results before it; the pictures stay
        shared."""
        skipped = self.facts.skipped + results
        return self.with_facts(self.facts._replace(skipped=skipped)) if results else self

    def with_facts(self, facts: Facts) -> "WriteReport":
        """The same with other facts; the pictures stay shared."""
        return WriteReport(self._frame, self._result, facts, self._pictures)

    def _words(self) -> str:
        words = "%.0f ms old (p50)  %d skipped" % (
            self.facts.ages.percentiles()["p50"],
            self.facts.skipped_in_all,
        )
        return words + ("  STALE" if self.facts.stale else "") + self._trouble()

    def _trouble(self) -> str:
        """What is wrong with the frame, in capitals."""
        health = self.facts.health
        return (
            ""
            if health is None or health.verdict == OK
            else "  " + health.verdict.replace("_", " ").upper()
        )


class Pictures:
    """What the sinks of one frame draw, or make JSON of, once; they live in several threads.

    Nothing is drawn that no sink takes, and no second picture is held where one will do.
    """

    def __init__(self) -> None:
        self.lock, self.finding = threading.Lock(), threading.Lock()
        self.overlay: Optional[np.ndarray] = None
        self.found: Optional[JsonObject] = None
        self.lined: Dict[Tuple[int, int], LinedPicture] = {}  # by width and height


class LinedPicture:
    """A picture with one line of words in its lower left corner, which may be taken away or
    changed."""

    def __init__(self, picture: np.ndarray, words: str) -> None:
        """picture: (H, W, 3) uint8 BGR, into which the line is drawn."""
        width, height = plate_size(words)
        self.picture = picture
        self._corner = (slice(max(0, len(picture) - height), None), slice(0, width))
        self._before = picture[self._corner].copy()
        draw_text(picture, words, (0, len(picture) - height))

    def without_line(self) -> np.ndarray:
        """A copy as it was."""
        picture = self.picture.copy()
        picture[self._corner] = self._before
        return picture

    def with_line(self, words: str) -> np.ndarray:
        """A copy with this line."""
        return LinedPicture(self.without_line(), words).picture


class Sink(Closing, ABC):
    """Opened from a URI, writes results one by one, in a `with` block; what was written stays,
    however the run ends."""

    path = ""  # the file or folder it writes, if it is one
    withdrawn = 0  # results that `write` took and that could not be kept afterwards
    passed_over = 0  # results that `write` took and that were not wanted in the end
    failing = ""  # its address while it fails
    controls = False  # whether somebody steers by it
    own_thread = True  # whether `write` may take long, or fail, and must not hold up the loop

    @property
    def touches(self) -> List[str]:
        """The files and folders that it writes or may remove."""
        return [self.path] if self.path else []

    def begin(self, about: About) -> None:  # noqa: B027 (few sinks keep it)
        """What computes the results to come."""

    @abstractmethod
    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        """Take one result. Raises SinkError where it cannot be kept, EndRun where nobody wants
        more."""

    def notice(self, notice: Notice) -> None:  # noqa: B027 (rows and folders of frames have no place for it)
        """There is no camera; told about once a second until there is one. Raises what `write`
        raises."""

    def statistics(self) -> Optional[SinkStatistics]:
        """What it took; None of one that takes everything."""
        return None

    def close(self) -> None:  # noqa: B027 (not every sink holds something)
        """Finish what was written; a second call does nothing."""
