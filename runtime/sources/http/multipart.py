"""The pictures of a motion JPEG stream (`multipart/x-mixed-replace`), out of its bytes.

Knows delimiters and headers of parts (RFC 2046) and how cameras get them wrong; not where the bytes
come from. A part ends where its JPEG does, so that it need not wait for the next; where that end is
missing, at the next delimiter: so a torn picture takes no other with it, whatever length it claims.
Of a server whose lengths have been true, a picture that is shorter than it claims lacks something.
"""

import re
from typing import NamedTuple, Optional, Pattern

from catseye.runtime.clock.moment import Moment
from catseye.runtime.picture_files.jpeg import START, end_of_jpeg

MOST_BYTES = 1 << 25  # of a picture
MOST_HEADER_BYTES = 1 << 13
LONGEST_DELIMITER = 200
FIRST_LINE = re.compile(rb"\s*(--[^\r\n]*?)[ \t]*\r?\n")
BLANK_LINE = re.compile(rb"\r?\n\r?\n")
LENGTH = re.compile(rb"content-length:[ \t]*(\d{1,9})[ \t]*\r?\n", re.IGNORECASE)
STAMP = re.compile(rb"x-timestamp:[ \t]*(\d{1,11}(?:\.\d{1,9})?)[ \t]*\r?\n", re.IGNORECASE)
END = b"\xff\xd9"


class Part(NamedTuple):
    """taken: by its X-Timestamp, else when its first bytes came.  is_whole: whether it is a JPEG
    with its end."""

    data: bytes
    taken: Moment
    is_whole: bool


class Multipart:
    """Takes bytes as they come, gives parts. Holds one picture at most, of MOST_BYTES."""

    def __init__(self, boundary: str) -> None:
        """boundary: as the stream's Content-Type names it, which its own first line outdoes."""
        self._boundary = boundary.encode("latin-1", "replace").lstrip(b"-")
        self._delimiter: Optional[Pattern[bytes]] = None
        self._bytes = bytearray()
        self._now = self._taken = Moment(0, 0)
        self._in_part = False
        self._scanned = 0  # of the part
        self._end: Optional[int] = None  # of its JPEG
        self._length = 0  # as its header says
        self._length_holds = False  # it has been true before
        self.is_over = False  # the stream has said so itself

    def feed(self, data: bytes, arrived: Moment) -> None:
        """The next bytes. Raises ValueError where a picture grows beyond all measure."""
        self._now = arrived
        self._bytes += data
        if len(self._bytes) > MOST_BYTES:
            raise ValueError("a picture of more than %d bytes" % MOST_BYTES)

    def next_part(self) -> Optional[Part]:
        """The next part that is there from its begin to its end; None: more bytes are wanted."""
        while not self.is_over:
            if not self._in_part and not self._entered():
                return None
            part = self._left()
            if part is None or part.data:  # between two delimiters there may be nothing
                return part
        return None

    def _entered(self) -> bool:
        """Go behind the next delimiter and the headers of its part."""
        delimiter = self._found_delimiter()
        match = delimiter.search(self._bytes) if delimiter else None
        if match is None:
            del self._bytes[: -2 * LONGEST_DELIMITER]
            return False
        if match.group(1):
            self.is_over = True
            return False
        # a part without headers begins with the blank line itself
        end = BLANK_LINE.search(self._bytes, match.end())
        if end is None or end.end() - match.end() > MOST_HEADER_BYTES:
            if len(self._bytes) - match.end() > MOST_HEADER_BYTES:
                raise ValueError("headers of more than %d bytes" % MOST_HEADER_BYTES)
            return False
        length = LENGTH.search(self._bytes, match.end(), end.end())
        self._length = int(length.group(1)) if length else 0
        stamp = STAMP.search(self._bytes, match.end(), end.end())
        self._taken = taken_at(stamp.group(1).decode() if stamp else "", self._now)
        del self._bytes[: end.end()]
        self._in_part, self._scanned, self._end = True, 0, None
        return True

    def _left(self) -> Optional[Part]:
        """The part that the bytes begin with; None where its end is not there yet."""
        assert self._delimiter is not None
        match = self._delimiter.search(self._bytes, max(0, self._scanned - LONGEST_DELIMITER))
        limit = match.start() if match else len(self._bytes)
        self._find_end(limit)
        lacks = self._length_holds and self._end is not None and self._end < self._length
        if match is None and (self._end is None or (lacks and limit < self._length)):
            return None
        is_whole = self._end is not None and not (lacks and limit < self._length)
        self._length_holds = self._length_holds or (is_whole and self._end == self._length)
        data = bytes(self._bytes[: self._end if is_whole else limit])
        del self._bytes[: len(data)]
        self._in_part = False
        return Part(data if is_whole else data.rstrip(b"\r\n"), self._taken, is_whole)

    def _find_end(self, limit: int) -> None:
        """Look for the JPEG's end among the bytes that are new, up to where the part ends."""
        # two such bytes may stand in a thumbnail too
        if self._end is None and self._bytes.find(END, max(0, self._scanned - 1), limit) >= 0:
            self._end = end_of_jpeg(bytes(self._bytes[:limit]))
        self._scanned = len(self._bytes)

    def _found_delimiter(self) -> Optional[Pattern[bytes]]:
        """The line between parts: the stream's first, or what its Content-Type says."""
        if self._delimiter is None and self._bytes.strip():
            first = FIRST_LINE.match(self._bytes)
            if first is not None and len(first.group(1)) <= LONGEST_DELIMITER:
                self._delimiter = _line(first.group(1))
            elif self._boundary and b"\n" in self._bytes.lstrip():
                self._delimiter = _line(b"--" + self._boundary)
        return self._delimiter


def taken_at(stamp: str, arrived: Moment) -> Moment:
    """When a picture was taken whose `X-Timestamp` is `stamp`: seconds since 1970 by the camera's
    clock. Some count from their start, which nobody can compare: then when it arrived, as without
    any."""
    if not re.match(r"\d{1,11}(\.\d{1,9})?\Z", stamp):
        return arrived
    return arrived.captured_before(arrived.wall_ns - int(float(stamp) * 1e9))


def begins_as_multipart(data: bytes) -> bool:
    """Whether a body of no stated kind begins with a delimiter, as one of motion JPEG does."""
    return FIRST_LINE.match(data) is not None


def is_jpeg(data: bytes) -> bool:
    """Whether a body begins as a JPEG does."""
    return data.startswith(START)


def _line(delimiter: bytes) -> Pattern[bytes]:
    return re.compile(re.escape(delimiter) + rb"(--)?[ \t]*(?=\r?\n)")
