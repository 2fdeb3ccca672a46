"""The wire-format reader: every kind of field, and every way a file can be cut short."""

import pytest

from catseye.runtime.model_file.protobuf import field_from_content, fields, int64_from_varint

MESSAGE = (
    b"\x08\x96\x01"  # field 1, varint 150
    + b"\x11\x01\x02\x03\x04\x05\x06\x07\x08"  # field 2, fixed 64
    + b"\x1a\x03abc"  # field 3, three bytes
    + b"\x25\x01\x00\x00\x80"  # field 4, fixed 32
    + b"\x82\x01\x00"  # field 16, no bytes
)
BOUNDARIES = {0, 3, 12, 17, 22, 25}


def test_yields_each_field_in_file_order() -> None:
    found = [
        (number, wire, bytes(value) if isinstance(value, memoryview) else value)
        for number, wire, value in fields(MESSAGE)
    ]
    assert found == [
        (1, 0, 150),
        (2, 1, 0x0807060504030201),
        (3, 2, b"abc"),
        (4, 5, 0x80000001),
        (16, 2, b""),
    ]


@pytest.mark.parametrize("number, size", [(1, 0), (15, 127), (16, 128), (7, 70_000)])
def test_a_field_that_is_written_is_read_back(number: int, size: int) -> None:
    content = bytes(size)
    ((found, wire, value),) = fields(field_from_content(number, content))
    assert (found, wire, bytes(value)) == (number, 2, content)  # type: ignore[arg-type]


def test_a_nested_message_is_read_through_its_view_without_a_copy() -> None:
    ((_, _, inner),) = fields(b"\x0a\x02\x08\x07")
    assert isinstance(inner, memoryview)
    assert list(fields(inner)) == [(1, 0, 7)]


@pytest.mark.parametrize("size", range(len(MESSAGE)))
def test_a_message_cut_inside_a_field_is_an_error_and_between_fields_is_not(size: int) -> None:
    if size in BOUNDARIES:
        assert len(list(fields(MESSAGE[:size]))) == sorted(BOUNDARIES).index(size)
    else:
        with pytest.raises(ValueError):
            list(fields(MESSAGE[:size]))


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01",  # field number 0
        b"\x0b",  # a group
        b"\x08" + b"\xff" * 10 + b"\x01",  # eleven bytes of number
        b"\x08" + b"\xff" * 9 + b"\x02",  # 65 bits
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",  # a length beyond any file
    ],
    ids=["field-0", "group", "endless-varint", "65-bits", "huge-length"],
)
def test_what_is_not_protobuf_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        list(fields(data))


def test_the_largest_varint_is_minus_one_when_signed() -> None:
    ((_, _, value),) = fields(b"\x08" + b"\xff" * 9 + b"\x01")
    assert value == 2**64 - 1
    assert int64_from_varint(2**64 - 1) == -1
    assert int64_from_varint(640) == 640
