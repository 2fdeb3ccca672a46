"""Why an RTSP stream does not open, from servers that are real, and from answers that are rare."""

import re
import socket
import threading

import pytest

from catseye.runtime.sources.streams.description import answer_from, codecs_of, why_not

SDP = "v=0\r\nm=audio 0 RTP/AVP 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 %s/90000\r\n"


class Answering:
    """A server on 127.0.0.1 that says one thing to whoever comes, and ends."""

    def __init__(self, said):
        self.said, self.heard = said, b""
        self.listening = socket.socket()
        self.listening.bind(("127.0.0.1", 0))
        self.listening.listen(5)
        self.uri = "rtsp://%s127.0.0.1:%d/front" % ("%s", self.listening.getsockname()[1])
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection = self.listening.accept()[0]
            except OSError:
                return
            with connection:
                self.heard += connection.recv(4096)
                connection.sendall(self.said.encode())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listening.close()


def described(codec):
    body = SDP % codec
    return "RTSP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


@pytest.mark.parametrize(
    "said, words",
    (
        ("RTSP/1.0 404 Not Found\r\n\r\n", "answers 404 Not Found"),
        ("RTSP/1.0 453 Not Enough Bandwidth\r\n\r\n", "answers 453 Not Enough Bandwidth"),
        (
            "RTSP/1.0 302 Moved\r\nLocation: rtsp://me:pw@other/x\r\n\r\n",
            r"302 Moved to rtsp://me:\*\*\*@",
        ),
        (
            "RTSP/1.0 302 Moved\r\nLocation: rtsp://me:%s@other/x\r\n\r\n" % ("pw" * 200),
            r"302 Moved to rtsp://me:\*\*\*@other",
        ),
        ("RTSP/1.0 401 Unauthorized\r\n\r\n", "requires a login"),
        (
            "HTTP/1.0 400 Bad Request\r\n\r\n<html>",
            r"is no RTSP server \(HTTP/1.0 400 Bad Request\)",
        ),
        (described("AV1"), "sends AV1, which this OpenCV does not decode"),
        (described("H264"), "describes H264 video, but nothing of it came"),
        ("RTSP/1.0 200 OK\r\n\r\n", "has no video"),
    ),
)
def test_what_the_server_says(said, words):
    with Answering(said) as server:
        error = why_not(server.uri % "", 5.0)
    assert error.expected and "\n" not in str(error)
    assert re.search(words, error.found), error.found
    assert server.heard.startswith(b"DESCRIBE rtsp://127.0.0.1:")


def test_a_wrong_password_is_named_and_never_shown():
    wanted = 'RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm="r", nonce="n"\r\n\r\n'
    with Answering(wanted) as server:
        error = why_not(server.uri % "me:s3cret@", 5.0)
    assert "refuses this user or password (401" in error.found
    assert b'username="me"' in server.heard and b"s3cret" not in server.heard
    assert "s3cret" not in str(error)


def test_nobody_there_and_nobody_who_speaks():
    assert "127.0.0.1:9 refuses connections" in str(why_not("rtsp://127.0.0.1:9/x", 5.0))
    assert "no address of nowhere.invalid" in str(why_not("rtsp://nowhere.invalid/x", 5.0))
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        uri = "rtsp://127.0.0.1:%d/x" % silent.getsockname()[1]
        assert "within 0.2 s" in why_not(uri, 0.2).found


def test_videos_of_a_description():
    assert codecs_of(SDP % "H265") == ["H265"]
    assert codecs_of("m=video 0 RTP/AVP 26\r\nm=video 0 RTP/AVP 99\r\n") == ["JPEG", ""]
    assert answer_from(b"\x80\xff\0").status == 0
