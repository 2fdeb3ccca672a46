import pytest

from catseye.runtime.sources.coding.bits import Bits, EndOfBits


def test_numbers_as_the_standards_write_them():
    # 1 | 010 | 011 | 00100 | 1010 and the closing bit
    bits = Bits(int("1010011001001010", 2).to_bytes(2, "big") + b"\x80")
    assert [bits.unsigned() for _ in range(4)] == [0, 1, 2, 3]
    assert bits.take(4) == 10 and bits.at_end
    signed = Bits(int("1010011001000010" + "1100000000000000", 2).to_bytes(4, "big"))
    assert [signed.signed() for _ in range(5)] == [0, 1, -1, 2, -2]


def test_bytes_that_hide_start_codes_are_left_out():
    assert Bits(b"\0\0\3\1").take(24) == 1


def test_the_end_is_told():
    bits = Bits(b"\xff")
    bits.skip(4, 3)
    assert bits.flag()
    with pytest.raises(EndOfBits):
        bits.take(1)
    with pytest.raises(EndOfBits):  # no number has so many zeros
        Bits(b"\0\0\0\0\0\0\1").unsigned()
