"""What no library here writes: big-endian CDR, Foxglove's messages in ROS, and lengths that lie.
The rest stands in test_image_log.py."""

import struct

import pytest

from catseye.runtime.recording.image_messages import READERS, ImageMessage, reader_of

PICTURE = b"\xff\xd8 picture \xff\xd9"
EXPECTED = ImageMessage(5 * 10**9 + 7, PICTURE)


def cdr(order, kind, *parts):
    """Numbers and blocks, each begun at a multiple of four."""
    data = b""
    for part in parts:
        data += bytes(-len(data) % 4)
        number = part if isinstance(part, int) else len(part)
        data += struct.pack(order + "I", number) + (b"" if isinstance(part, int) else part)
    return bytes((0, kind, 0, 0)) + data


@pytest.mark.parametrize("order, kind", (("<", 1), (">", 0), ("<", 7)))
def test_cdr_of_both_orders(order, kind):
    ros = cdr(order, kind, 5, 7, b"abcdef\0", b"jpeg\0", PICTURE)
    assert reader_of("sensor_msgs/msg/CompressedImage", "cdr")(ros) == EXPECTED
    foxglove = cdr(order, kind, 5, 7, b"abcdef\0", PICTURE, b"jpeg\0")
    assert reader_of("foxglove_msgs/msg/CompressedImage", "cdr")(foxglove) == EXPECTED


def test_foxglove_in_ros_1():
    data = struct.pack("<III", 5, 7, 3) + b"abc" + struct.pack("<I", len(PICTURE)) + PICTURE
    assert reader_of("foxglove_msgs/CompressedImage", "ros1")(data + b"\4\0\0\0jpeg") == EXPECTED


def test_json_that_is_none():
    read = reader_of("foxglove.CompressedImage", "json")
    for data in (b"", b"[]", b"{}", b'{"data": 1}', b'{"timestamp": 3, "data": ""}'):
        with pytest.raises(ValueError):
            read(data)
    with pytest.raises(ValueError):
        read(b'{"timestamp": {"sec": 1, "nsec": 2}, "data": "no base64 !"}')


@pytest.mark.parametrize("kind", sorted(READERS))
def test_bytes_that_are_cut_off_or_nonsense_are_a_value_error_or_no_picture(kind):
    whole = cdr("<", 1, 5, 7, b"abc\0", b"jpeg\0", PICTURE)
    for size in range(len(whole)):
        for data in (whole[:size], whole[:size][::-1], b"\xff" * size):
            try:
                assert len(READERS[kind](data).data) <= size
            except ValueError:
                pass


def test_other_messages_are_nobodys():
    with pytest.raises(LookupError):
        reader_of("sensor_msgs/msg/Image", "cdr")
