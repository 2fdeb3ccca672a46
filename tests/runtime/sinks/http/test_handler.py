import pytest

from catseye.runtime.sinks.http.handler import is_well_formed

LINE = b"GET / HTTP/1.1\r\n"


@pytest.mark.parametrize("headers", (b"", b"Host: a\r\n", b"a:\r\nX-Y: \xe4 b:c\td\r\n"))
def test_headers_of_browsers_are_well_formed(headers):
    assert is_well_formed(LINE + headers + b"\r\n")


@pytest.mark.parametrize(
    "headers",
    (
        b"Host : a\r\n",
        b" folded: yes\r\n",
        b"no colon\r\n",
        b": a\r\n",
        b"a: b\nc: d\r\n",
        b"a: \0\r\n",
    ),
)
def test_what_two_readers_may_read_in_two_ways_is_not(headers):
    assert not is_well_formed(LINE + headers + b"\r\n")
    assert not is_well_formed(b"GET /\nX HTTP/1.1\r\n\r\n")
