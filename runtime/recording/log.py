"""The log: an MCAP file of one chunk per frame, written so that it survives whatever stops the
writer, and read as far as it is whole.

Knows how an entry is found again after a crash; not what is in one (entry.py), nor the container's
bytes (mcap.py), nor where a log is written or replayed. docs/recordings.md describes it.
"""

import logging
import os
from contextlib import suppress
from typing import BinaryIO, Collection, Dict, Iterator, Optional, Sequence, Tuple

import cv2

from catseye.runtime.errors import CatseyeError, ModelFileError
from catseye.runtime.frame import Frame
from catseye.runtime.recording import mcap
from catseye.runtime.recording.ending import Ending
from catseye.runtime.recording.entry import Entry, EntryReader, EntryWriter, LogForm
from catseye.runtime.recording.metadata import (
    opened_metadata,
    recorded_by,
    sealed_metadata,
)
from catseye.runtime.system.files import append_whole, settle
from catseye.runtime.system.free_names import is_at, named
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.system.staging import staged_file
from catseye.runtime.tasks import Result

NAME = "catseye"  # of the metadata record

log = logging.getLogger("catseye")


class LogWriter:
    """A new log, in a `with` block; every append is on the file whole, or not at all.

    path: where it is, the wanted one or the next that is free; it takes its name with the first
    frame, "" until then.
    """

    def __init__(self, path: str, metadata: Dict[str, str], form: LogForm = LogForm()) -> None:
        """metadata: what computed the results, as text.  form: of what will be appended. Raises
        OSError where the file cannot be made."""
        entries = dict(metadata, **form.metadata())
        start = mcap.file_start(
            "catseye", NAME, sealed_metadata(entries), form.schemas(), form.channels()
        )
        self._summary, self._entries, self._end = mcap.Summary(start), 0, 0
        self._start = start  # written with the first frame
        self.path, self._wanted = "", path
        self._form = form
        self._coder: Optional[EntryWriter] = None
        # locked until it is closed: what it lacks at its end is not missing yet
        descriptor, self._temporary = staged_file(path)
        self._descriptor: Optional[int] = descriptor

    @property
    def is_there(self) -> bool:
        """Whether the file still has its name: somebody may have moved or removed it."""
        name = self.path or self._temporary
        return self._descriptor is not None and is_at(name, self._descriptor)

    @property
    def size_bytes(self) -> int:
        """Of the file, if it ended here; of one without a frame, what it has before the first."""
        return max(self._end, len(self._start)) + self._summary.end_bytes

    def append(self, frame: Frame, result: Result, row: JsonObject) -> None:
        """Add one frame with its result; raises OSError where it does not fit on the disk."""
        if self._coder is None:
            self._coder = EntryWriter(self._form)
        self.append_messages(self._coder.messages(frame, result, row))

    def append_messages(self, messages: Sequence[mcap.Message]) -> None:
        """The same of what an EntryWriter made of one."""
        chunk, indices = mcap.chunk_with_indices(messages, self._entries)
        start = b"" if self.path else self._start
        begins = self._end + len(start)
        self._append(start + chunk + b"".join(indices))
        if not self.path:
            settle(self._temporary)
            self.path = named(self._temporary, self._wanted)
        self._summary.add(begins, len(chunk), messages, [len(index) for index in indices])
        self._entries += 1

    def close(self) -> None:
        """Finish the file with its index; without a frame none is left. A second call does
        nothing."""
        if self._descriptor is not None:
            try:
                if self.path:
                    self._append(self._summary.file_end(self._end))
                    os.fsync(self._descriptor)
                else:
                    with suppress(FileNotFoundError):
                        os.unlink(self._temporary)
            finally:
                os.close(self._descriptor)
                self._descriptor = None

    def __enter__(self) -> "LogWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _append(self, data: bytes) -> None:
        assert self._descriptor is not None
        append_whole(self._descriptor, data, self._end)
        self._end += len(data)


class LogReader:
    """A log, whole or cut short.

    metadata: what computed the results, as text; `card` in it is JSON.  recorded_by: what of it
    this program goes by.  damaged: frames left out since the iteration began.
    """

    def __init__(self, path: str) -> None:
        """Raises ModelFileError where `path` is no Catseye log, or holds no whole frame,
        CatseyeError where its pictures cannot be decoded here."""
        self.path, self.damaged = path, 0
        with _opened(path) as stream:
            self.metadata = _metadata(stream, path)
            self.recorded_by = recorded_by(self.metadata, path)
            self._entries = EntryReader(self.recorded_by)
            if not any(kind == mcap.CHUNK for kind, _ in mcap.read_records(stream)):
                raise _no_whole_frame(path)

    def __iter__(self) -> Iterator[Entry]:
        """Every whole frame of all cameras, in order; damaged ones are left out, counted, and said.

        Raises ModelFileError where the file is gone, or no frame of it is whole.
        """
        return self.frames_of(self.recorded_by.cameras)

    def frames_of(self, cameras: Collection[str]) -> Iterator[Entry]:
        """The same of these cameras; the frames of others are passed over unread."""
        return (entry for entry, _ in self._whole(cameras))

    def with_messages(self) -> Iterator[Tuple[Entry, Dict[int, mcap.Message]]]:
        """Every whole frame, with its messages by the channels of a first camera."""
        for entry, payload in self._whole(self.recorded_by.cameras):
            yield entry, self._entries.messages(payload)[1]

    def _whole(self, cameras: Collection[str]) -> Iterator[Tuple[Entry, bytes]]:
        """Whole frames of these cameras, with their chunks."""
        ending, found = Ending(), 0
        self.damaged = 0
        with _opened(self.path) as stream:
            for kind, payload in mcap.read_records(stream):
                ending.follow(kind, payload)
                if kind != mcap.CHUNK:
                    continue
                if self._entries.camera_of(payload) not in cameras:
                    found += 1
                    continue
                entry = self._entry(payload)
                found += entry is not None
                if entry is not None:
                    yield entry, payload
        if not found:
            raise _no_whole_frame(self.path)
        if ending.chunks is None:
            log.warning(
                "%s was cut short, or is damaged; the frames before are here, and"
                " `catseye replay --repair` gives it an end",
                self.path,
            )
        else:  # a chunk that no longer looks like one is missed only here
            self.damaged = max(self.damaged, ending.chunks - found)
        if self.damaged:
            log.warning(
                "%s: damaged frames left out: %d, whole ones: %d", self.path, self.damaged, found
            )

    def _entry(self, payload: bytes) -> Optional[Entry]:
        """The frame in a chunk; None, counted and said, where it is damaged."""
        try:
            return self._entries.entry(payload)
        except (ValueError, CatseyeError, cv2.error) as error:
            self.damaged += 1
            log.warning("%s: a damaged frame is left out (%s)", self.path, error)
            return None


def is_catseye_log(path: str) -> bool:
    """Whether an MCAP file is one that we wrote, or too damaged to tell."""
    with _opened(path) as stream:
        for kind, payload in mcap.read_records(stream):
            if kind == mcap.METADATA:
                return payload.startswith(mcap.text(NAME))
            if kind != mcap.HEADER:
                return False
    return True


def _metadata(stream: BinaryIO, path: str) -> Dict[str, str]:
    """The catseye record near the start; leaves the stream behind it."""
    for kind, payload in mcap.read_records(stream) if stream.tell() else ():
        try:
            if kind == mcap.METADATA and mcap.metadata_of(payload)[0] == NAME:
                return opened_metadata(mcap.metadata_of(payload)[1], path)
        except ValueError:
            break
        if kind == mcap.CHUNK:
            break
    raise ModelFileError(
        "%s is no Catseye log" % path, "a log that record:// wrote", "check the path"
    )


def _no_whole_frame(path: str) -> ModelFileError:
    return ModelFileError("no whole frame in %s" % path, "a log with frames", "record it again")


def _opened(path: str) -> BinaryIO:
    """The file, behind its magic; at its start where it has none."""
    try:
        stream = open(path, "rb")
    except OSError as error:
        raise ModelFileError(
            "cannot read %s: %s" % (path, error.strerror),
            "a log that record:// wrote",
            "check the path",
        ) from error
    if stream.read(len(mcap.MAGIC)) != mcap.MAGIC:
        stream.seek(0)
    return stream
