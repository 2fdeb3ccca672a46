"""PictureParameters: what a stream says of its pictures, and the part of it that H.264 and H.265
write alike."""

from typing import NamedTuple, Optional, Tuple

from catseye.runtime.sources.coding.bits import Bits


class PictureParameters(NamedTuple):
    """size_wh: in pixels, without what is cropped away.  matrix: matrix_coefficients of H.273:
    1 is BT.709, 5 and 6 are BT.601, 9 is BT.2020; None where nothing is said of them.  full_range:
    0 to 255, not 16 to 235."""

    size_wh: Tuple[int, int]
    matrix: Optional[int] = None
    full_range: bool = False


def read_signal(bits: Bits) -> Tuple[Optional[int], bool]:
    """The beginning of the video usability information, which both standards share: (matrix, full
    range). Raises EndOfBits."""
    if bits.flag() and bits.take(8) == 255:  # the pixels' aspect
        bits.skip(32)
    if bits.flag():  # overscan
        bits.skip(1)
    matrix, full_range = None, False
    if bits.flag():
        bits.skip(3)
        full_range = bits.flag()
        if bits.flag():
            bits.skip(16)
            matrix = bits.take(8)
    if bits.flag():  # where chroma samples lie
        bits.skip_unsigned(2)
    return matrix, full_range


def cropped(size_wh: Tuple[int, int], units_wh: Tuple[int, int], bits: Bits) -> Tuple[int, int]:
    """The size that is shown: read how much is cut off left, right, top and bottom."""
    left, right, top, bottom = [bits.unsigned() for _ in range(4)]
    return (
        size_wh[0] - units_wh[0] * (left + right),
        size_wh[1] - units_wh[1] * (top + bottom),
    )
