"""Parameter sets as x264 and x265 write them (ffmpeg 5.1), and what is none."""

import random

import pytest

from catseye.runtime.sources.coding.bits import Bits, EndOfBits
from catseye.runtime.sources.coding.h264 import h264_parameters
from catseye.runtime.sources.coding.h265 import h265_parameters
from catseye.runtime.sources.coding.parameters import (
    newest_parameters,
    parameters_of,
    units_of,
)
from catseye.runtime.sources.coding.picture_parameters import PictureParameters

SETS = [
    # size, matrix, full range
    (
        "h264",
        "67640015acd941e08faaffc02d003bdb20000003002000000641e2c5b2c0",
        (478, 270),
        None,
        True,
    ),
    (
        "h264",
        "67640028acd940780227e5ffc000c0011a808080a0000003002000000641e30632c0",
        (1920, 1080),
        1,
        False,
    ),
    (
        "h264",  # 4:4:4
        "67f4000c919b282833f1bff80018002350202094000003000400000300c83c50a658",
        (320, 180),
        9,
        False,
    ),
    # interlaced
    ("h264", "6764001eacd980a07b6022000003000200000300643e285334", (640, 480), None, False),
    (
        "h265",
        "42010101600000030090000003000003003fa00f0804475596566924cafff00b400ef6c080000003008000000c84",
        (478, 270),
        None,
        True,
    ),
    (
        "h265",
        "420101016000000300900000030000030078a003c08010e596566924cafff000300046a020202080000003008000000c84",
        (1920, 1080),
        1,
        False,
    ),
    (
        "h265",
        "4201010408000003009e0800000300003c9001410173e5cb2b3492657ff8001800235020209040000003004000000642",
        (320, 180),
        9,
        False,
    ),
]
# the extra data of an MP4: avcC with one set, and then picture parameters
AVCC = (
    "0164001effe1001e6764001eacd940a02ff97ff000300041000003000100000300320f162d96"
    "01000668ebe3cb22c0fdf8f800"
)


@pytest.mark.parametrize("codec, text, size_wh, matrix, full_range", SETS)
def test_what_encoders_write_is_read(codec, text, size_wh, matrix, full_range):
    found = parameters_of(codec, bytes.fromhex(text))
    assert found == PictureParameters(size_wh, matrix, full_range)


def test_units_lie_between_start_codes_or_in_boxes():
    [(_, h264, size_wh, *_), (_, other, *_)] = SETS[:2]
    stream = b"\0\0\0\1\x09\xf0" + b"\0\0\1" + bytes.fromhex(h264) + b"\0\0\0\1" + bytes(5)
    assert newest_parameters("h264", units_of("h264", stream)).size_wh == size_wh
    both = stream + b"\0\0\1" + bytes.fromhex(other)
    assert newest_parameters("h264", units_of("h264", both)).size_wh == (1920, 1080)
    assert newest_parameters("h264", units_of("h264", bytes.fromhex(AVCC))).size_wh == (640, 360)
    unit = bytes.fromhex(SETS[5][1])
    hvcc = bytes(22) + b"\1\xa1\0\1" + len(unit).to_bytes(2, "big") + unit
    assert newest_parameters("h265", units_of("h265", hvcc)).matrix == 1
    assert newest_parameters("h264", units_of("h264", b"")) is None


@pytest.mark.parametrize("codec, text", [each[:2] for each in SETS])
def test_a_set_that_is_cut_off_is_none(codec, text):
    whole = bytes.fromhex(text)
    for length in range(8, len(whole) - 12):
        found = parameters_of(codec, whole[:length])
        # what is no more needed of H.265 may be missing
        assert found is None or codec == "h265"


def test_sound_is_not_taken_for_a_size():
    """Packets of sound are looked at too: their bytes are anything."""
    chance = random.Random(0)
    for _ in range(500):
        noise = b"\x67" + bytes(chance.randrange(256) for _ in range(160))
        assert parameters_of("h264", noise) is None


def test_what_no_decoder_takes_is_refused():
    with pytest.raises(EndOfBits):
        h264_parameters(Bits(b"\xff\0\x1e\xff"))  # a profile that nobody knows
    with pytest.raises(EndOfBits):
        h265_parameters(Bits(b"\x01\xc0" + bytes(20)))
    assert parameters_of("h264", bytes.fromhex(SETS[0][1]) + bytes(5000)) is None
