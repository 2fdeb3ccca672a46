"""The `record://` sink: frames with their results in a log that `replay://` reads. Knows where the
log is written, in pieces where it is bounded."""

import itertools
import json
import logging
import os
from typing import Dict, List, NamedTuple, Optional, Sequence

from catseye.runtime.engines.computed_by import About
from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame
from catseye.runtime.recording import mcap
from catseye.runtime.recording.camera_models import metadata_of_models
from catseye.runtime.recording.entry import OF_ONE, EntryWriter, LogForm
from catseye.runtime.recording.log import LogWriter
from catseye.runtime.recording.metadata import SMOOTH
from catseye.runtime.recording.picture import CODECS, LOSSLESS, PictureFormat
from catseye.runtime.recording.pieces import Bounds, Pieces, pieces_of
from catseye.runtime.recording.repair import finish_log, is_cut_short
from catseye.runtime.sinks.base import Sink, WriteReport
from catseye.runtime.sinks.jsonl import no_json, row_of
from catseye.runtime.sinks.output_paths import (
    check_new_file,
    check_not_held,
    check_space,
    write_error,
)
from catseye.runtime.sinks.viewing import LARGEST, Viewing
from catseye.runtime.system.free_names import names_of
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.system.option_values import (
    A_SIZE,
    SECONDS,
    Options,
    byte_count,
    choice,
    looks_like_options,
    read_options,
    size_wh,
    whole,
    with_unit,
)
from catseye.runtime.tasks import Result

log = logging.getLogger("catseye")

EXAMPLE = "record://drive.mcap?limit=20GB&split=5min&codec=jpeg"


class LogAddress(NamedTuple):
    """path: of the log.  pictures: how they are coded.  bounds: of how much is kept.  overlay: the
    size that results are drawn at for viewers, None for none."""

    path: str
    pictures: PictureFormat = PictureFormat()
    bounds: Bounds = Bounds()
    overlay: Optional[Viewing] = None


def log_address(text: str) -> LogAddress:
    """`drive.mcap`, with options behind the last `?`. Raises CatseyeError for options that do not
    fit."""
    path, mark, options = text.rpartition("?")
    if not mark or not path or not looks_like_options(options):
        return LogAddress(text)
    values = read_options(options, OPTIONS, EXAMPLE)
    pictures = PictureFormat(values.get("codec", LOSSLESS), values.get("quality"))
    if pictures.codec == LOSSLESS and pictures.quality is not None:
        raise CatseyeError(
            "quality=%d for %s, which loses nothing" % (pictures.quality, LOSSLESS),
            "it for codec=jpeg or codec=h264",
            "such as " + EXAMPLE,
        )
    bounds = Bounds(values.get("limit_bytes"), values.get("split_s"))
    overlay = values.get("overlay_wh")
    return LogAddress(path, pictures, bounds, None if overlay is None else Viewing(overlay))


class RecordSink(Sink):
    """A log that is begun with the first result. A log that was there before is kept: this one
    takes the next free name, or where it is bounded, its pieces the next numbers. path: the wanted
    one; from the first result on, the one that is written."""

    def __init__(self, address: LogAddress, fps: float, cameras: Sequence[str] = OF_ONE) -> None:
        """cameras: their names. Raises SinkError where no file can be written there, or another run
        writes there, CatseyeError where pictures cannot be coded so here."""
        self.path = self._wanted = address.path
        self._form = LogForm(tuple(cameras), address.pictures, address.overlay is not None)
        self._overlay = address.overlay
        self._fps, self._entries = fps, EntryWriter(self._form)
        self._folder = os.path.dirname(self.path) or "."
        self._about: Optional[About] = None
        self._source = self._task = ""  # of the newest result
        self._log: Optional[LogWriter] = None
        check_new_file(self.path)
        names = list(itertools.takewhile(os.path.exists, names_of(self.path)))
        self._pieces: Optional[Pieces] = None
        if address.bounds.in_pieces:
            names = [name for _, name in pieces_of(self.path)]
            for name in names:
                check_not_held(name)
        for name in names:
            finish_if_cut(name)
        if address.bounds.in_pieces:
            self._pieces = Pieces(self.path, address.bounds)

    @property
    def touches(self) -> List[str]:
        """With the pieces of earlier runs."""
        return [self.path] if self._pieces is None else [self.path, *self._pieces.paths]

    def begin(self, about: About) -> None:
        self._about = about

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        """Append one frame. Raises SinkError where the disk takes no more, or the result holds a
        number that JSON has not."""
        hard = {"hard": list(report.facts.hard)} if report.facts.hard else {}
        row = dict(row_of(frame, result, report), **hard)
        drawn = None if self._overlay is None else report.lined_for(self._overlay).picture
        try:
            messages = self._entries.messages(frame, result, row, drawn)
        except ValueError as error:  # JSON has no NaN
            raise no_json(frame, error) from error
        self._source, self._task = report.facts.source, result.task
        self._take(messages, bool(hard))

    def _take(self, messages: List[mcap.Message], is_hard: bool) -> None:
        """The messages of one frame, and whether it is kept for a reason of its own."""
        self._append(messages)

    def _append(self, messages: List[mcap.Message]) -> None:
        size_bytes = size_of(messages)
        try:
            check_space(self._folder, size_bytes)
            if self._log is not None and not self._log.is_there:
                self.close()  # taken away: what comes now begins a log of its own
            time_ns = messages[0].time_ns
            if self._pieces is not None:
                self._end_full_piece(self._pieces, time_ns, size_bytes)
            if self._log is None:
                pieces = self._pieces
                path = self._wanted if pieces is None else pieces.next_path(time_ns)
                self._log = LogWriter(path, self._metadata(), self._form)
            if self._pieces is not None:
                self._pieces.make_room(self._log.size_bytes, size_bytes)
            is_first = not self._log.path
            self._log.append_messages(messages)
            if is_first and self._log.path != self.path:
                if self._pieces is None:
                    log.info("%s is there: this run writes %s", self.path, self._log.path)
                self.path = self._log.path
        except OSError as error:
            raise write_error(self.path, error) from error

    def _end_full_piece(self, pieces: Pieces, time_ns: int, entry_bytes: int) -> None:
        if self._log is not None and self._log.path:
            if pieces.is_full(time_ns, self._log.size_bytes, entry_bytes):
                self.close()

    def close(self) -> None:
        if self._log is not None:
            writer, self._log = self._log, None
            try:
                writer.close()
                if self._pieces is not None and writer.path:
                    self._pieces.ended(writer.path)
            except OSError as error:
                raise write_error(self.path, error) from error

    def _metadata(self) -> Dict[str, str]:
        """Everything that a replay must know, as MCAP's metadata wants it: text by name."""
        metadata: JsonObject = {
            "source": self._source,
            "task": self._task,
            "fps": self._fps,
        }
        if self._about is not None:
            metadata.update(self._about.as_json(), card=self._about.card.as_json())
            metadata.update(metadata_of_models(self._about.camera_models))
            metadata.update({SMOOTH: self._about.smooth_s} if self._about.smooth_s else {})
        return {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in metadata.items()
        }


def size_of(messages: Sequence[mcap.Message]) -> int:
    """Bytes of what the messages of a frame hold."""
    return sum(len(message.data) for message in messages)


def finish_if_cut(path: str) -> None:
    """Give a log that a killed run left an end, so that every viewer opens it; another file, and
    what cannot be finished, stays as it is."""
    if not is_cut_short(path):
        return
    try:
        log.info("%s was cut short: finished, with %d frames", path, finish_log(path))
    except CatseyeError as error:
        log.warning("%s", error)


OPTIONS: Options = {
    "limit": ("limit_bytes", byte_count, A_SIZE),
    "split": ("split_s", with_unit(SECONDS, 1e6), "a time such as 5min (s, min, h)"),
    "codec": ("codec", choice(*CODECS), ", ".join(CODECS)),
    "quality": ("quality", whole(1, 100), "1 to 100"),
    "overlay": ("overlay_wh", size_wh(16, LARGEST), "overlay=WIDTHxHEIGHT, 16 to %d" % LARGEST),
}
