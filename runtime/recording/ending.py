"""How an MCAP file ends: whether it was finished, and how many chunks it then says it has.

Knows the summary's checksum and its statistics; not what a chunk holds.
"""

import struct
import zlib
from typing import Optional

from catseye.runtime.recording import mcap

FOOTER_BYTES = 20  # offset of the summary, offset of its index, checksum
CHUNKS_AT = 8 + 2 + 4 + 4 + 4  # in the statistics: behind messages, schemas, channels, attachments


class Ending:
    """Follows a file's records to the end. chunks: as the finished file says; None where it was cut
    short, or its end is damaged."""

    def __init__(self) -> None:
        self.chunks: Optional[int] = None
        self._said: Optional[int] = None
        self._crc: Optional[int] = None  # of the summary so far; None before it

    def follow(self, kind: int, payload: bytes) -> None:
        """The next record of the file."""
        if kind == mcap.FOOTER and len(payload) == FOOTER_BYTES and self._crc is not None:
            head = mcap.record(kind, payload)[:-4]
            crc = zlib.crc32(head, self._crc)
            self.chunks = self._said if crc == struct.unpack("<I", payload[-4:])[0] else None
        elif kind == mcap.DATA_END:
            self._crc = 0
        elif self._crc is not None:
            self._crc = zlib.crc32(mcap.record(kind, payload), self._crc)
            if kind == mcap.STATISTICS and len(payload) >= CHUNKS_AT + 4:
                (self._said,) = struct.unpack_from("<I", payload, CHUNKS_AT)
