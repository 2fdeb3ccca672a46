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


def stamped(stamp):
    """A packet of a picture."""
    rtp = b"\x80\x60\0\1" + stamp.to_bytes(4, "big") + bytes(4) + b"\x41" * 9
    return b"$\0" + len(rtp).to_bytes(2, "big") + rtp


def report(seconds, fraction, stamp, kind=200, before=b""):
    """RTCP on channel 1: a sender's report, what stands before it, and a source description."""
    body = before + bytes((0x80, kind)) + b"\0\6" + bytes(4)
    body += seconds.to_bytes(4, "big") + fraction.to_bytes(4, "big") + stamp.to_bytes(4, "big")
    body += bytes(8) + b"\x81\xca\0\1" + bytes(4)
    return b"$\1" + len(body).to_bytes(2, "big") + body


def test_the_senders_clock_is_told_across_the_wrap_of_its_stamps():
    traffic = Traffic("h264")
    traffic.feed(report(3_908_988_800, 0, 5))
    assert traffic.report is None  # of no picture yet
    traffic.feed(stamped(2**32 - 100) + report(3_908_988_800, 1 << 31, 2**32 - 90))
    assert traffic.newest_stamp == 2**32 - 100
    assert traffic.report == (1_700_000_000 * 10**9 + 5 * 10**8, 2**32 - 90)
    traffic.feed(stamped(50) + stamped(20) + report(3_908_988_801, 0, 60))
    assert traffic.newest_stamp == 2**32 + 20 and traffic.report.stamp == 2**32 + 60
    assert traffic.report.wall_ns == 1_700_000_001 * 10**9


@pytest.mark.parametrize(
    "other",
    (
        report(0, 0, 5),  # a sender without a clock
        report(3_908_988_800, 0, 5, kind=201),
        b"$\1\0\4\x80\xc8\0\6",
        b"$\1\0\x40" + bytes(64),
        b"$\1\0\x40" + b"\xff" * 64,
    ),
)
def test_what_is_no_report_of_a_clock_is_none(other):
    traffic = Traffic("h264")
    traffic.feed(stamped(7) + other)
    assert traffic.report is None
    traffic.feed(report(3_908_988_800, 0, 9, before=b"\x80\xc9\0\1" + bytes(4)))
    assert traffic.report.stamp == 9
