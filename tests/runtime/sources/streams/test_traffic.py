import time

import pytest

from catseye.runtime.sources.streams.traffic import Traffic, payload_of

H264 = bytes.fromhex("67640028acd940780227e5ffc000c0011a808080a0000003002000000641e30632c0")
H265 = bytes.fromhex(
    "420101016000000300900000030000030078a003c08010e596566924cafff000300046a020202080000003008000000c84"
)
ANSWER = b"RTSP/1.0 200 OK\r\nCSeq: 9\r\nContent-Length: 4\r\n\r\n$$$$"


def packet(payload, channel=0, first=0x80):
    rtp = bytes((first, 96)) + bytes(10) + payload
    return b"$" + bytes((channel,)) + len(rtp).to_bytes(2, "big") + rtp


def together(kind, *units):
    return kind + b"".join(len(unit).to_bytes(2, "big") + unit for unit in units)


@pytest.mark.parametrize(
    "codec, payload",
    (
        ("h264", H264),
        ("h264", together(b"\x78", b"\x09\xf0", H264, b"\x68\xeb")),
        ("h265", H265),
        ("h265", together(b"\x60\x01", b"\x40\x01", H265)),
    ),
)
def test_the_size_is_seen_wherever_the_bytes_are_cut(codec, payload):
    data = ANSWER + packet(b"\x41" * 900) + packet(payload) + packet(b"\x41" * 9, 1) + ANSWER
    for step in (1, 7, len(data)):
        traffic = Traffic(codec)
        for at in range(0, len(data), step):
            traffic.feed(data[at : at + step])
        assert traffic.parameters.size_wh == (1920, 1080)
        assert 0 < traffic.packet_s <= time.monotonic()


def test_only_pictures_packets_count_as_such():
    traffic = Traffic("h264")
    for other in (ANSWER, packet(b"\x41", channel=1), packet(b"\x41", channel=2), packet(b"")):
        traffic.feed(other)
    assert traffic.packet_s == 0 and traffic.parameters is None
    traffic.feed(packet(b"\x41"))
    assert traffic.packet_s > 0


def test_of_other_codecs_only_the_coming_is_told():
    traffic = Traffic("")
    traffic.feed(packet(H264))
    assert traffic.packet_s > 0 and traffic.parameters is None


def test_it_finds_its_way_again_after_nonsense():
    traffic = Traffic("h264")
    traffic.feed(bytes(range(1, 30)) + b"\r\n" + packet(H264))
    assert traffic.parameters.size_wh == (1920, 1080)
    endless = Traffic("h264")
    for _ in range(40):
        endless.feed(b"R" * 10000)
    assert len(endless._held) < 1 << 19


def test_a_payload_stands_behind_its_headers():
    body = b"picture"
    assert payload_of(b"\x80\x60" + bytes(10) + body) == body
    assert payload_of(b"\x92\x60" + bytes(10) + bytes(8) + b"\0\0\0\1" + bytes(4) + body) == body
    assert payload_of(b"\xa0\x60" + bytes(10) + body + b"\0\2") == body
