"""What a coded stream says of its pictures: size, colour matrix, range. From the sequence parameter
sets of H.264 and H.265, wherever these stand.

Knows NAL units and how they are strung together; h264.py and h265.py read one.
"""

from typing import Callable, Dict, Iterable, Iterator, NamedTuple, Optional

from catseye.runtime.sources.coding.bits import Bits, EndOfBits
from catseye.runtime.sources.coding.h264 import h264_parameters
from catseye.runtime.sources.coding.h265 import h265_parameters
from catseye.runtime.sources.coding.picture_parameters import PictureParameters

START_CODE = b"\0\0\1"
MOST_BYTES = 4096  # of one parameter set; real ones have under 100
LARGEST_SIDE = 16384


class Codec(NamedTuple):
    """kind_of: the type of a NAL unit by its first byte.  parameters: the type that holds the
    parameters.  header: bytes before its payload."""

    kind_of: Callable[[int], int]
    parameters: int
    header: int
    read: Callable[[Bits], PictureParameters]


CODECS: Dict[str, Codec] = {
    "h264": Codec(lambda first: first & 31, 7, 1, h264_parameters),
    "h265": Codec(lambda first: first >> 1 & 63, 33, 2, h265_parameters),
}
# as OpenCV's CAP_PROP_FOURCC and SDP spell them, in lower case
NAMES = {"h264": "h264", "avc1": "h264", "avc3": "h264", "x264": "h264"}
NAMES.update({"hevc": "h265", "h265": "h265", "hev1": "h265", "hvc1": "h265"})


def parameters_of(name: str, unit: bytes) -> Optional[PictureParameters]:
    """`name`: h264 or h265. What a NAL unit says; None where it is no whole parameter set of the
    sort that decoders take."""
    codec = CODECS[name]
    if not codec.header < len(unit) <= MOST_BYTES or codec.kind_of(unit[0]) != codec.parameters:
        return None
    try:
        found = codec.read(Bits(unit[codec.header :]))
    except EndOfBits:
        return None
    return found if all(0 < side <= LARGEST_SIDE for side in found.size_wh) else None


def newest_parameters(name: str, units: Iterable[bytes]) -> Optional[PictureParameters]:
    """The last parameters among NAL units, None where there are none."""
    found = None
    for unit in units:
        found = parameters_of(name, unit) or found
    return found


def units_of(name: str, data: bytes) -> Iterator[bytes]:
    """The NAL units of a packet or of a decoder's extra data: between start codes, or in the boxes
    `avcC` and `hvcC` of MP4 and Matroska."""
    if data[:3] == START_CODE or data[:4] == b"\0" + START_CODE:
        return (unit for unit in data.split(START_CODE)[1:])
    if name == "h264":
        return _sized(data, 6, max(0, data[5] & 31) if len(data) > 5 else 0)
    return _of_arrays(data)


def _sized(data: bytes, at: int, count: int) -> Iterator[bytes]:
    """`count` units, each behind its length in two bytes."""
    for _ in range(count):
        length = int.from_bytes(data[at : at + 2], "big")
        yield data[at + 2 : at + 2 + length]
        at += 2 + length


def _of_arrays(data: bytes) -> Iterator[bytes]:
    """hvcC: arrays of units of one kind (ISO/IEC 14496-15, 8.3.3)."""
    at, arrays = 23, data[22] if len(data) > 22 else 0
    for _ in range(arrays):
        count = int.from_bytes(data[at + 1 : at + 3], "big")
        at += 3
        for unit in _sized(data, at, count):
            yield unit
            at += 2 + len(unit)
