"""A sequence parameter set of H.264 (ITU-T H.264, 7.3.2.1.1 and E.1.1)."""

from typing import Optional, Tuple

from catseye.runtime.sources.coding.bits import Bits, EndOfBits
from catseye.runtime.sources.coding.picture_parameters import (
    PictureParameters,
    cropped,
    read_signal,
)

PROFILES = (66, 77, 88, 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135)
WITH_CHROMA = PROFILES[3:]
MOST_REFERENCES = 255  # num_ref_frames_in_pic_order_cnt_cycle


def h264_parameters(bits: Bits) -> PictureParameters:
    """Raises EndOfBits for what is no parameter set: it ends early, or is not at its end."""
    profile = bits.take(8)
    if profile not in PROFILES:
        raise EndOfBits(profile)
    bits.skip(16)
    bits.unsigned()
    chroma = _chroma_format(bits) if profile in WITH_CHROMA else 1
    _skip_order(bits)
    size_wh = _size(bits, chroma)
    signal: Tuple[Optional[int], bool] = (None, False)
    if bits.flag():
        signal = read_signal(bits)
        _skip_rest_of_usability(bits)
    if not bits.at_end:
        raise EndOfBits()
    return PictureParameters(size_wh, *signal)


def _chroma_format(bits: Bits) -> int:
    chroma = bits.unsigned()
    if chroma > 3:
        raise EndOfBits(chroma)
    if chroma == 3:
        bits.skip(1)
    bits.skip_unsigned(2)  # depths
    bits.skip(1)
    if bits.flag():
        for i in range(12 if chroma == 3 else 8):
            if bits.flag():
                _skip_scaling_list(bits, 16 if i < 6 else 64)
    return chroma


def _skip_scaling_list(bits: Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _skip_order(bits: Bits) -> None:
    """Frame numbers and the order of output."""
    bits.unsigned()
    kind = bits.unsigned()
    if kind == 0:
        bits.unsigned()
    elif kind == 1:
        bits.skip(1)
        bits.skip_unsigned(2)  # se(v) has the same length
        bits.skip_unsigned(min(bits.unsigned(), MOST_REFERENCES))
    bits.unsigned()
    bits.skip(1)


def _size(bits: Bits, chroma: int) -> Tuple[int, int]:
    across, down = bits.unsigned() + 1, bits.unsigned() + 1
    frames_only = bits.flag()
    if not frames_only:
        bits.skip(1)
    bits.skip(1)
    fields = 1 if frames_only else 2
    size_wh = (16 * across, 16 * down * fields)
    if not bits.flag():
        return size_wh
    units_wh = (2 if chroma in (1, 2) else 1, (2 if chroma == 1 else 1) * fields)
    return cropped(size_wh, units_wh, bits)


def _skip_rest_of_usability(bits: Bits) -> None:
    if bits.flag():  # timing
        bits.skip(65)
    buffered = [_skip_buffering(bits) for _ in range(2)]
    if any(buffered):
        bits.skip(1)
    bits.skip(1)
    if bits.flag():
        bits.skip(1)
        bits.skip_unsigned(6)


def _skip_buffering(bits: Bits) -> bool:
    """One set of HRD parameters, where it is there (E.1.2)."""
    if not bits.flag():
        return False
    count = min(bits.unsigned(), 31) + 1
    bits.skip(8)
    for _ in range(count):
        bits.skip_unsigned(2)
        bits.skip(1)
    bits.skip(20)
    return True
