import pytest

from catseye.runtime.errors import SourceError
from catseye.runtime.sources.http.address import Address, address_from_uri


@pytest.mark.parametrize(
    "uri, address",
    (
        ("http://h", Address("http", "h", 80, "/")),
        ("https://h:444/a/b?c=d&e", Address("https", "h", 444, "/a/b?c=d&e")),
        ("http://h?c=d", Address("http", "h", 80, "/?c=d")),
        ("HTTP://h/x#y", Address("http", "h", 80, "/x")),
        ("http://[::1]:8080/x", Address("http", "::1", 8080, "/x")),
        ("http://me:secret@h/x", Address("http", "h", 80, "/x", "me", "secret")),
        ("http://me@h/x", Address("http", "h", 80, "/x", "me", "")),
        ("http://me:p%40s%2Fs@h/x", Address("http", "h", 80, "/x", "me", "p@s/s")),
        # as people write them
        ("http://me:p@ss@h:81/x", Address("http", "h", 81, "/x", "me", "p@ss")),
        ("http://me:S3/cr@et@h:81/x", Address("http", "h", 81, "/x", "me", "S3/cr@et")),
        ("http://me:a:b@h/x", Address("http", "h", 80, "/x", "me", "a:b")),
        ("http://h:81/x@y", Address("http", "h", 81, "/x@y")),
        ("http://h/x:y@z", Address("http", "h", 80, "/x:y@z")),
        # what a request line cannot hold as it is
        ("http://h/a b\r\nX: ü", Address("http", "h", 80, "/a%20b%0D%0AX:%20%C3%BC")),
        ("http://h/100%25?a=[1]", Address("http", "h", 80, "/100%25?a=[1]")),
        ("http://bücher.example/", Address("http", "xn--bcher-kva.example", 80, "/")),
    ),
)
def test_an_address_taken_apart(uri, address):
    assert address_from_uri(uri) == address


@pytest.mark.parametrize(
    "uri",
    (
        "http://",
        "http:///x",
        "http://h:0/",
        "http://h:99999/",
        "http://h:x/",
        "http://h h/",
        "http://a\r\nb/",
        "ftp://h/",
        "http://" + "a" * 300 + "/",
    ),
)
def test_what_is_no_address_is_one_line(uri):
    with pytest.raises(SourceError) as caught:
        address_from_uri(uri)
    assert "\n" not in str(caught.value)


def test_what_is_expected_is_an_address_of_the_same_kind():
    with pytest.raises(SourceError, match="expected rtsp://HOST:PORT/PATH, a port from 1 to 65535"):
        address_from_uri("rtsp://h:99999/")


def test_the_place_is_what_errors_show():
    assert address_from_uri("http://me:secret@h:81/x?pwd=1").place == "h:81"
    assert address_from_uri("https://h:443/").place == "h"
    assert address_from_uri("http://[::1]:81/").place == "[::1]:81"


@pytest.mark.parametrize(
    "uri, canonical",
    (
        ("http://h", "http://h/"),
        ("http://me:S3/cr@et@h:81/x?y#z", "http://me:S3%2Fcr%40et@h:81/x?y"),
        ("http://me:p%40s@[::1]:81/x", "http://me:p%40s@[::1]:81/x"),
        ("https://me@h/", "https://me@h/"),
    ),
)
def test_an_address_that_others_read_too(uri, canonical):
    assert address_from_uri(uri).uri == canonical
    assert address_from_uri(canonical) == address_from_uri(uri)
