"""A sequence parameter set of H.265 (ITU-T H.265, 7.3.2.2 and E.2.1)."""

from typing import List, Tuple

from catseye.runtime.sources.coding.bits import Bits, EndOfBits
from catseye.runtime.sources.coding.picture_parameters import (
    PictureParameters,
    cropped,
    read_signal,
)

MOST_SETS = 64  # of reference pictures, and pictures in one
GENERAL_PROFILE_BITS, LEVEL_BITS = 88, 8


def h265_parameters(bits: Bits) -> PictureParameters:
    """Raises EndOfBits for what is no parameter set."""
    bits.skip(4)
    layers = bits.take(3)
    bits.skip(1)
    _skip_profile(bits, layers)
    bits.unsigned()
    size_wh = _size(bits)
    bits.skip_unsigned(2)  # depths
    order_bits = bits.unsigned() + 4
    bits.skip_unsigned(3 * (layers + 1 if bits.flag() else 1))
    bits.skip_unsigned(6)  # sizes of blocks
    if bits.flag() and bits.flag():
        _skip_scaling_lists(bits)
    bits.skip(2)
    if bits.flag():  # raw samples
        bits.skip(8)
        bits.skip_unsigned(2)
        bits.skip(1)
    _skip_reference_sets(bits)
    if bits.flag():
        bits.skip(*[order_bits + 1] * min(bits.unsigned(), MOST_SETS))
    bits.skip(2)
    matrix, full_range = read_signal(bits) if bits.flag() else (None, False)
    return PictureParameters(size_wh, matrix, full_range)


def _skip_profile(bits: Bits, layers: int) -> None:
    if bits.take(2):  # a profile space that no decoder knows
        raise EndOfBits()
    bits.skip(GENERAL_PROFILE_BITS - 2, LEVEL_BITS)
    present = [(bits.flag(), bits.flag()) for _ in range(layers)]
    if layers:
        bits.skip(2 * (8 - layers))
    for profile, level in present:
        bits.skip(GENERAL_PROFILE_BITS * profile, LEVEL_BITS * level)


def _size(bits: Bits) -> Tuple[int, int]:
    chroma = bits.unsigned()
    if chroma > 3:
        raise EndOfBits(chroma)
    if chroma == 3:
        bits.skip(1)
    size_wh = (bits.unsigned(), bits.unsigned())
    units_wh = (2 if chroma in (1, 2) else 1, 2 if chroma == 1 else 1)
    return cropped(size_wh, units_wh, bits) if bits.flag() else size_wh


def _skip_scaling_lists(bits: Bits) -> None:
    for size in range(4):
        for _ in range(0, 6, 3 if size == 3 else 1):
            if not bits.flag():
                bits.unsigned()
                continue
            bits.skip_unsigned((1 if size > 1 else 0) + min(64, 1 << (4 + 2 * size)))


def _skip_reference_sets(bits: Bits) -> None:
    """Short-term reference picture sets (7.3.7), each of which may be told by the one before."""
    pictures: List[int] = []
    for i in range(min(bits.unsigned(), MOST_SETS)):
        if i and bits.flag():
            bits.skip(1)
            bits.unsigned()
            # used_by_curr_pic, and use_delta where it is not
            kept = [bits.flag() or bits.flag() for _ in range(pictures[-1] + 1)]
            pictures.append(sum(kept))
            continue
        count = bits.unsigned() + bits.unsigned()
        if count > MOST_SETS:
            raise EndOfBits(count)
        for _ in range(count):
            bits.unsigned()
            bits.skip(1)
        pictures.append(count)
