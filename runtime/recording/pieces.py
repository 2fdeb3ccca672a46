"""A recording in pieces: NAME.0001.mcap, NAME.0002.mcap, ..., of which the oldest leaves when all
together grow beyond a limit.

Knows names and sizes of files; not what is in them. Numbers go on where an earlier run stopped, and
what that left counts.
"""

import os
import re
from collections import OrderedDict
from contextlib import suppress
from typing import List, NamedTuple, Optional, Tuple

from catseye.runtime.errors import SinkError

PARTS = 8  # of a limit: how much of it may be gone with the oldest piece
# of a frame of four messages beside their data: the chunk's head, theirs, and all indices
FRAME_BYTES = 512


class Bounds(NamedTuple):
    """limit_bytes: of all pieces together.  split_s: how long one is.  None: no bound."""

    limit_bytes: Optional[int] = None
    split_s: Optional[float] = None

    @property
    def in_pieces(self) -> bool:
        return self != Bounds()


class Pieces:
    """Asked before each frame of one recording."""

    def __init__(self, path: str, bounds: Bounds) -> None:
        """path: of the recording, as if it were one."""
        self._path, self._bounds = path, bounds
        found = pieces_of(path)
        self._number = found[-1][0] if found else 0
        self._sizes = OrderedDict((name, _size_of(name)) for _, name in found)
        self._begun_ns = 0

    @property
    def paths(self) -> List[str]:
        """Of those that are finished, the oldest first."""
        return list(self._sizes)

    def next_path(self, time_ns: int) -> str:
        """Of the piece that begins with a frame of this time."""
        self._number, self._begun_ns = self._number + 1, time_ns
        stem, suffix = os.path.splitext(self._path)
        return "%s.%04d%s" % (stem, self._number, suffix)

    def is_full(self, time_ns: int, size_bytes: int, entry_bytes: int) -> bool:
        """Whether a piece of this size, with its end, is finished before this frame."""
        limit_bytes, split_s = self._bounds
        if split_s is not None and abs(time_ns - self._begun_ns) >= split_s * 1e9:
            return True
        taken = size_bytes + entry_bytes + FRAME_BYTES
        return limit_bytes is not None and taken > limit_bytes // PARTS

    def ended(self, path: str) -> None:
        """A piece is finished, and counts."""
        self._sizes[path] = _size_of(path)

    def make_room(self, size_bytes: int, entry_bytes: int) -> None:
        """For a frame in a piece of this size, with its end: the oldest ones leave. Raises
        SinkError where they could not leave room enough."""
        limit_bytes = self._bounds.limit_bytes
        if limit_bytes is None:
            return
        wanted = size_bytes + entry_bytes + FRAME_BYTES
        if wanted > limit_bytes:
            raise SinkError(
                "a piece of one frame takes %d bytes, all of %s may take %d"
                % (wanted, self._path, limit_bytes),
                "a limit of many frames",
                "raise it, or record smaller pictures (codec=jpeg or codec=h264)",
            )
        while self._sizes and sum(self._sizes.values()) + wanted > limit_bytes:
            oldest, _ = self._sizes.popitem(last=False)
            with suppress(FileNotFoundError):  # somebody else made room
                os.remove(oldest)


def pieces_of(path: str) -> List[Tuple[int, str]]:
    """Number and path of each piece that is there, in order."""
    folder, name = os.path.split(path)
    stem, suffix = os.path.splitext(name)
    form = re.compile(re.escape(stem) + r"\.(\d{4,9})" + re.escape(suffix) + r"\Z")
    found = [(form.match(each), each) for each in os.listdir(folder or ".")]
    return sorted(
        (int(match.group(1)), os.path.join(folder, each)) for match, each in found if match
    )


def _size_of(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0
