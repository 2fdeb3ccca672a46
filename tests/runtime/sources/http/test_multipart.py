import pytest
from camera_server import grey_jpeg, jpeg, noise

from catseye.runtime.clock.moment import ARRIVED, CAPTURED, Moment
from catseye.runtime.sources.http import multipart
from catseye.runtime.sources.http.multipart import Multipart, Part, begins_as_multipart

NOW_NS = 1_700_000_000 * 10**9
PICTURES = [grey_jpeg(20), jpeg(noise()), grey_jpeg(220)]


def body(
    pictures, boundary=b"frame", between=b"\r\n", headers=b"Content-Type: image/jpeg\r\n", end=b""
):
    parts = [b"--" + boundary + b"\r\n" + headers + b"\r\n" + each + between for each in pictures]
    return b"".join(parts) + end


def parts_of(data, boundary="frame", step=997):
    """Fed piece by piece; the time of a piece is where it begins."""
    stream, parts = Multipart(boundary), []
    for begin in range(0, len(data), step):
        stream.feed(data[begin : begin + step], Moment(NOW_NS, begin))
        part = stream.next_part()
        while part is not None:
            parts.append(part)
            part = stream.next_part()
    return parts


@pytest.mark.parametrize("step", (1, 7, 997, 1 << 20))
def test_every_picture_comes_as_it_was_sent(step):
    parts = parts_of(body(PICTURES), step=step)
    assert [part.data for part in parts] == PICTURES and all(part.is_whole for part in parts)
    assert [part.taken for part in parts] == sorted(part.taken for part in parts)


def test_a_picture_does_not_wait_for_the_next_one():
    """Whatever its headers say of its length."""
    for headers in (b"", b"Content-Length: 99999999\r\n", b"Content-Length: 1\r\n"):
        data = body(PICTURES[:1], between=b"", headers=headers)
        assert [part.data for part in parts_of(data)] == PICTURES[:1]


@pytest.mark.parametrize("kept", (0.5, 0.8, 0.99))
@pytest.mark.parametrize("between", (b"\r\n", b"\n", b""))
@pytest.mark.parametrize("length", (len, lambda picture: 4 * len(picture)))
def test_a_torn_picture_takes_no_other_with_it(kept, between, length):
    torn = PICTURES[1][: int(kept * len(PICTURES[1]))]
    headers = b"Content-Length: %d\r\n" % length(torn)
    sent = [PICTURES[0], torn, PICTURES[2], torn, PICTURES[0]]
    parts = parts_of(body(sent, between=between, headers=headers) + b"--frame\r\n")
    assert [part.is_whole for part in parts] == [True, False, True, False, True]
    assert [part.data for part in parts if part.is_whole] == sent[::2]


@pytest.mark.parametrize("step", (7, 1 << 20))
def test_a_picture_that_lacks_its_middle_is_told_by_its_length(step):
    """Its end is there; the length is believed of a server that told the truth before."""
    lacking = PICTURES[1][:800] + PICTURES[1][1000:]
    sent = [(PICTURES[0], 0), (lacking, 200), (PICTURES[2], 0), (lacking, 0)]
    data = b"".join(
        body([picture], headers=b"content-LENGTH: %d\r\n" % (len(picture) + more))
        for picture, more in sent
    )
    parts = parts_of(data + b"--frame\r\n", step=step)
    assert [part.is_whole for part in parts] == [True, False, True, True]
    liar = body(PICTURES, headers=b"Content-Length: 50000\r\n")
    assert [part.is_whole for part in parts_of(liar, step=step)] == [True] * 3
    # so many bytes are there: the picture is followed by something else
    padded = [PICTURES[0], PICTURES[2] + bytes(30)]
    data = b"".join(body([each], headers=b"Content-Length: %d\r\n" % len(each)) for each in padded)
    assert [part.data for part in parts_of(data, step=step)] == [PICTURES[0], PICTURES[2]]


@pytest.mark.parametrize(
    "declared, sent",
    (
        ("frame", b"frame"),
        ("--frame", b"frame"),  # cameras that take the hyphens for a part of the name
        ("--frame", b"--frame"),
        ("", b"frame"),
        ("another", b"frame"),
        ("x", b"x"),  # short enough to stand in a picture by chance
    ),
)
def test_the_streams_first_line_says_what_stands_between_parts(declared, sent):
    for lead in (b"", b"\r\n", b"\r\n\r\n"):
        parts = parts_of(lead + body(PICTURES, boundary=sent), declared)
        assert [part.data for part in parts] == PICTURES


def test_words_before_the_first_part_are_passed_over():
    data = b"This is a preamble.\r\n" * 50 + body(PICTURES)
    assert [part.data for part in parts_of(data)] == PICTURES


def test_lines_may_end_without_a_carriage_return():
    data = body(PICTURES).replace(
        b"\r\n--frame\r\nContent-Type: image/jpeg\r\n\r\n", b"\n--frame\n\n"
    )
    assert [part.data for part in parts_of(data)] == PICTURES


def test_a_stream_may_say_that_it_ends():
    stream = Multipart("frame")
    stream.feed(body(PICTURES[:1], end=b"--frame--\r\n" + body(PICTURES)), Moment(0, 0))
    assert stream.next_part() == Part(PICTURES[0], Moment(0, 0), True)
    assert stream.next_part() is None and stream.is_over


def test_what_never_ends_is_bounded(monkeypatch):
    monkeypatch.setattr(multipart, "MOST_BYTES", 10_000)
    endless = Multipart("frame")
    endless.feed(b"--frame\r\n\r\n\xff\xd8", Moment(0, 0))
    with pytest.raises(ValueError, match="more than 10000 bytes"):
        for _ in range(100):
            endless.feed(b"\xff\xfe" + bytes(1000), Moment(0, 0))
            assert endless.next_part() is None
    headers = Multipart("frame")
    headers.feed(b"--frame\r\n" + b"X-Junk: 1\r\n" * 900, Moment(0, 0))
    with pytest.raises(ValueError, match="headers of more than"):
        headers.next_part()
    noise_only = Multipart("frame")
    for _ in range(100):  # no delimiter at all: nothing is kept
        noise_only.feed(b"junk\n" * 1000, Moment(0, 0))
        assert noise_only.next_part() is None
    assert len(noise_only._bytes) < 1000


def test_a_body_shows_what_it_is():
    assert begins_as_multipart(b"\r\n--ffmpeg\r\nContent-type: image/jpeg\r\n")
    assert not begins_as_multipart(PICTURES[0]) and not begins_as_multipart(b"<!-- html -->\n")


@pytest.mark.parametrize(
    "stamp, ago_s, clock",
    (
        ("1699999997.250000", 2.75, CAPTURED),
        ("1700000000", 0, CAPTURED),
        ("1700000000.05", 0, CAPTURED),  # its clock is a little ahead
        ("1700000001.5", 0, ARRIVED),
        ("1699999900.0", 0, ARRIVED),  # of another clock
        ("4711.123456", 0, ARRIVED),  # since its start
        ("yesterday", 0, ARRIVED),
        ("", 0, ARRIVED),
    ),
)
def test_a_picture_is_of_the_moment_that_its_header_says_where_that_can_be(stamp, ago_s, clock):
    headers = b"Content-Type: image/jpeg\r\nX-Timestamp: " + stamp.encode() + b"\r\n"
    (part,) = parts_of(body(PICTURES[:1], headers=headers), step=1 << 20)
    ago_ns = int(ago_s * 1e9)
    assert part.taken.clock == clock
    assert part.taken.wall_ns == pytest.approx(NOW_NS - ago_ns, abs=1000)
    assert part.taken.monotonic_ns == pytest.approx(-ago_ns, abs=1000)
    assert multipart.taken_at(stamp, Moment(NOW_NS, 0)) == part.taken
