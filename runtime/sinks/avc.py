"""A film of H.264 pictures that is sent while it is made: its beginning, and one fragment for each
picture.

Knows how H.264 stands in MP4 (ISO/IEC 14496-15): parameter sets in the header, lengths in place of
start codes; boxes and fragments are mp4.py's.
"""

import struct
from typing import NamedTuple, Tuple

from catseye.runtime.errors import SinkError
from catseye.runtime.sinks.mp4 import FTYP, box, fragment, fragments_follow, no_samples
from catseye.runtime.sources.coding.parameters import newest_parameters, units_of

SLICES = 1, 5  # types of NAL units that hold the picture
SEQUENCE, PICTURE = 7, 8  # of those that hold its parameters
TRACK, TICKS = 1, 90000  # of the time scale, in a second
UNITY = struct.pack(
    ">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30
)  # a matrix that turns nothing
UNDETERMINED = 0x55C4  # language
DPI_72 = 72 << 16
IN_USE = 3  # tkhd: the track is enabled and shown


class CodedPicture(NamedTuple):
    """One picture that needs no other. sample: as it stands in MP4.  sequence, picture: its
    parameter sets.  size_wh: that they tell."""

    sample: bytes
    sequence: bytes
    picture: bytes
    size_wh: Tuple[int, int]

    @property
    def codec(self) -> str:
        """By the name that browsers ask for (RFC 6381): profile, constraints and level."""
        return "avc1." + self.sequence[1:4].hex()


def picture_from_annex_b(data: bytes) -> CodedPicture:
    """Of NAL units between start codes; raises SinkError unless its parameter sets are among
    them."""
    units = [unit.rstrip(b"\0") for unit in units_of("h264", data)]
    by_kind = {unit[0] & 31: unit for unit in units}
    told = newest_parameters("h264", units)
    if told is None or PICTURE not in by_kind:
        raise SinkError("the encoder gave H.264 without its parameters", "them with each picture")
    sample = b"".join(
        struct.pack(">I", len(unit)) + unit for unit in units if unit[0] & 31 in SLICES
    )
    return CodedPicture(sample, by_kind[SEQUENCE], by_kind[PICTURE], told.size_wh)


def beginning(first: CodedPicture) -> bytes:
    """ftyp and moov of a film of such pictures."""
    width, height = first.size_wh
    movie = struct.pack(">5IIH10x", 0, 0, 0, TICKS, 0, 1 << 16, 1 << 8) + UNITY
    track = struct.pack(">6I16x", IN_USE, 0, 0, TRACK, 0, 0) + UNITY
    handler = struct.pack(">2I", 0, 0) + b"vide" + bytes(13)
    own_file = box(b"dref", struct.pack(">2I", 0, 1) + box(b"url ", struct.pack(">I", 1)))
    media = box(b"mdhd", struct.pack(">5I2H", 0, 0, 0, TICKS, 0, UNDETERMINED, 0)) + box(
        b"hdlr", handler
    )
    tables = box(b"stsd", struct.pack(">2I", 0, 1) + _entry(first)) + no_samples()
    inside = box(b"vmhd", struct.pack(">I8x", 1)) + box(b"dinf", own_file) + box(b"stbl", tables)
    header = (
        box(b"mvhd", movie + bytes(24) + struct.pack(">I", TRACK + 1))
        + box(
            b"trak",
            box(b"tkhd", track + struct.pack(">2I", width << 16, height << 16))
            + box(b"mdia", media + box(b"minf", inside)),
        )
        + fragments_follow(TRACK)
    )
    return box(b"ftyp", FTYP) + box(b"moov", header)


def _entry(first: CodedPicture) -> bytes:
    """How the samples are decoded."""
    sets = b"".join(
        count + struct.pack(">H", len(unit)) + unit
        for count, unit in ((b"\xe1", first.sequence), (b"\1", first.picture))
    )
    lengths_of_four = b"\1" + first.sequence[1:4] + b"\xff"
    look = struct.pack(">6xH16x2H2I4xH32xHh", 1, *first.size_wh, DPI_72, DPI_72, 1, 24, -1)
    return box(b"avc1", look + box(b"avcC", lengths_of_four + sets))


def shown(number: int, picture: CodedPicture, starts_s: float, lasts_s: float) -> bytes:
    """The fragment of one picture. number: from 1 on."""
    starts = [round(moment_s * TICKS) for moment_s in (starts_s, starts_s + lasts_s)]
    return fragment(TRACK, number, [picture.sample], [True], starts)
