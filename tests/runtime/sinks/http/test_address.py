import socket

import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sinks import open_sink
from catseye.runtime.sinks.http.address import address_from_text


def test_addresses():
    assert address_from_text("127.0.0.1:8080") == ("127.0.0.1", 8080, "", "recordings")
    assert address_from_text("localhost:80/?record=/data/my drives") == (
        "localhost",
        80,
        "",
        "/data/my drives",
    )
    assert address_from_text("[::1]:80?token=abc") == ("::1", 80, "abc", "recordings")
    assert address_from_text("0.0.0.0:80?token=correct-horse&record=r%20") == (
        "0.0.0.0",
        80,
        "correct-horse",
        "r%20",
    )


@pytest.mark.parametrize(
    "rest",
    (
        "",
        ":80",
        "localhost",
        "localhost:",
        "localhost:http",
        "localhost:65536",
        "localhost:-1",
        "a b:80",
        "localhost:80/page",
        "localhost:80?token=",
        "localhost:80?colour=red",
        "localhost:80?token",
        "localhost:80?token=a b",
        "localhost:80?token=\r\nX: y",
        "user@localhost:80",
        "[::1:80",
        "127.0.0.1:80#x",
        "localhost:80?token=a&&",
    ),
)
def test_bad_addresses_are_one_line(rest):
    with pytest.raises(CatseyeError) as caught:
        open_sink("http://" + rest, 30.0)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("host", ("0.0.0.0", "192.168.1.20", "[::]", "jetson.local", "127.0.0.2"))
def test_beyond_loopback_a_token_is_demanded(host):
    with pytest.raises(CatseyeError, match=r"token=\.\.\."):
        open_sink("http://%s:8080" % host, 30.0)


def test_a_short_token_is_warned_of(caplog):
    address_from_text("0.0.0.0:80?token=1234")
    assert "guessed" in caplog.text


def test_where_nobody_can_listen_is_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        with pytest.raises(CatseyeError, match="cannot listen"):
            open_sink("http://127.0.0.1:%d" % taken.getsockname()[1], 30.0)
    with pytest.raises(CatseyeError, match="cannot listen"):
        open_sink("http://192.0.2.1:8080?token=correct-horse", 30.0)
    with pytest.raises(CatseyeError, match="cannot listen"):
        open_sink("http://no-such-host.invalid:8080?token=correct-horse", 30.0)
