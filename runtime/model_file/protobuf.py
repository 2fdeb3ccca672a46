"""The protobuf wire format: just enough to look into an ONNX file, and to put messages back into
it, without the onnx package.

Knows how fields are framed (tag, wire type, payload). Does not know what any field means: the
caller walks a message by field number, as in https://protobuf.dev/programming-guides/encoding/.
"""

from typing import Iterator, Tuple, Union

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # groups (3 and 4) died before ONNX was born
FIXED_SIZES = {FIXED64: 8, FIXED32: 4}
LONGEST_VARINT = 10  # bytes that hold 64 bits, seven at a time

Value = Union[int, memoryview]
Message = Union[bytes, memoryview]


def fields(data: Message) -> Iterator[Tuple[int, int, Value]]:
    """Yield (field number, wire type, value) of one message, in file order.

    A varint comes as an unsigned int, a fixed 32- or 64-bit field as its little-endian bits in an
    int, and everything with a length (bytes, text, nested messages) as a memoryview into `data`:
    nothing is copied.
    Raises ValueError where the data is cut short, runs on, or is no protobuf at all.
    """
    view = memoryview(data)
    position, end = 0, len(view)
    while position < end:
        tag = view[position]
        # a graph has thousands of fields, and most are short texts and messages of low numbers
        if 8 <= tag < 0x80 and tag & 7 == BYTES and position + 1 < end:
            start = position + 2
            stop = start + view[position + 1]
            if stop < start + 0x80 and stop <= end:
                yield tag >> 3, BYTES, view[start:stop]
                position = stop
                continue
        number, wire_type, value, position = _field(view, position)
        yield number, wire_type, value


def fields_with_bytes(data: Message) -> Iterator[Tuple[int, int, Value, memoryview]]:
    """The same, each with all of its bytes, tag and length included."""
    view = memoryview(data)
    position, end = 0, len(view)
    while position < end:
        start = position
        number, wire_type, value, position = _field(view, position)
        yield number, wire_type, value, view[start:position]


def field_from_content(number: int, content: bytes) -> bytes:
    """A whole field of bytes, a text or a message."""
    return varint_from_int(number << 3 | BYTES) + varint_from_int(len(content)) + content


def varint_from_int(value: int) -> bytes:
    """An unsigned number, little-endian base-128."""
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(digits + bytearray((value,)))


def int64_from_varint(value: int) -> int:
    """The signed number behind a varint: protobuf writes negative int32 and int64 as two's
    complement of 64 bits."""
    return value - (1 << 64) if value >> 63 else value


def _field(view: memoryview, position: int) -> Tuple[int, int, Value, int]:
    """The field that begins at `position`, and where the next one does."""
    tag, position = _varint(view, position)
    number, wire_type = tag >> 3, tag & 7
    if number == 0:
        raise ValueError("field number 0 at byte %d" % position)
    value, position = _value(view, position, wire_type)
    return number, wire_type, value, position


def _value(view: memoryview, position: int, wire_type: int) -> Tuple[Value, int]:
    """The payload that begins at `position`, and where the next field begins."""
    if wire_type == VARINT:
        return _varint(view, position)
    if wire_type == BYTES:
        size, position = _varint(view, position)
        return _slice(view, position, size), position + size
    if wire_type in FIXED_SIZES:
        size = FIXED_SIZES[wire_type]
        return int.from_bytes(_slice(view, position, size), "little"), position + size
    raise ValueError("wire type %d at byte %d" % (wire_type, position))


def _slice(view: memoryview, position: int, size: int) -> memoryview:
    """`size` bytes from `position`, all of which must be there."""
    if size > len(view) - position:
        raise ValueError("a field of %d bytes at byte %d of %d" % (size, position, len(view)))
    return view[position : position + size]


def _varint(view: memoryview, position: int) -> Tuple[int, int]:
    """A little-endian base-128 number of at most 64 bits, and the position after it."""
    if position < len(view) and view[position] < 0x80:
        return view[position], position + 1
    value = 0
    for index, byte in enumerate(view[position : position + LONGEST_VARINT]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            if value >> 64:
                break
            return value, position + index + 1
    else:
        if len(view) - position < LONGEST_VARINT:
            raise ValueError("the data ends inside a number at byte %d" % position)
    raise ValueError("a number of more than 64 bits at byte %d" % position)
