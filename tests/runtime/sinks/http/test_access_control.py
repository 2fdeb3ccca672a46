"""Who comes in, asked without a server: names of this machine, the token in three places, changes
from the page only."""

from email.message import Message

import pytest

from catseye.runtime.sinks.http import access_control, guesses
from catseye.runtime.sinks.http.access_control import AccessControl
from catseye.runtime.sinks.http.address import address_from_text

TOKEN = "correct-horse-battery"
HERE = "192.168.1.7"


@pytest.fixture
def local():
    return AccessControl(address_from_text("127.0.0.1:8080"))


@pytest.fixture
def public(monkeypatch):
    monkeypatch.setattr(access_control.socket, "gethostname", lambda: "Jetson.example.org")
    return AccessControl(address_from_text("0.0.0.0:8080?token=" + TOKEN))


def headers_of(**values):
    headers = Message()
    for name, value in values.items():
        headers[name] = value
    return headers


def cookie_of(access):
    return access.new_cookie(headers_of()).partition(";")[0]


@pytest.mark.parametrize("host", ("localhost", "LOCALHOST:9", "127.0.0.1:80", "[::1]", "[::1]:80"))
def test_names_of_the_loopback(local, host):
    assert local.knows_host(host)


@pytest.mark.parametrize(
    "host",
    (
        "",
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "192.168.1.20",  # reached by the loopback only
        "127.0.0.1:80:80",
        "127.0.0.1:x",
        "127.0.0.1@evil",
        "[::1",
        "[::1]80",
        "[::1]:x",
    ),
)
def test_other_names_are_not_the_loopback(local, host):
    assert not local.knows_host(host)


@pytest.mark.parametrize(
    "host, known",
    (
        ("jetson.local:8080", True),
        ("jetson.example.org", True),
        ("localhost", True),
        ("192.168.1.20:8080", True),  # no name can be rebound to a number
        ("[fe80::1]:8080", True),
        ("jetson", False),
        ("jetson.local.evil.example", False),
        ("192.168.1.20.evil.example", False),
        ("", False),
    ),
)
def test_beyond_the_loopback_numbers_and_own_names_are_known(public, host, known):
    assert public.knows_host(host) is known


def test_without_a_token_everybody_is_admitted(local):
    assert local.admits([], headers_of(), HERE)
    assert not local.has_token([("token", "")])  # an empty token is none


def test_the_token_is_taken_from_query_bearer_and_cookie(public):
    name_and_value = cookie_of(public)
    assert public.admits([("after", "1"), ("token", TOKEN)], headers_of(), HERE)
    assert public.admits([], headers_of(Authorization="bearer  " + TOKEN), HERE)
    assert public.admits([], headers_of(Cookie="other=1; " + name_and_value), HERE)


@pytest.mark.parametrize(
    "query, headers",
    (
        ([], {}),
        ([("token", "")], {}),
        ([("token", TOKEN[:-1])], {}),
        ([("token", TOKEN + "x")], {}),
        ([("token", "corr\udce9ct")], {}),  # a byte that is no letter
        ([("Token", TOKEN)], {}),
        ([], {"Authorization": TOKEN}),
        ([], {"Authorization": "Basic " + TOKEN}),
        ([], {"Authorization": "Bearer"}),
        ([], {"Cookie": "catseye-8080=" + TOKEN}),  # the cookie holds a digest, never the token
        ([], {"Cookie": "catseye-8080="}),
        ([], {"Cookie": "\x01;"}),
    ),
)
def test_nothing_else_is_admitted(public, query, headers):
    assert not public.admits(query, headers_of(**headers), HERE)


def test_a_cookie_of_another_port_or_token_does_not_open(public):
    for rest in ("0.0.0.0:8081?token=" + TOKEN, "0.0.0.0:8080?token=another-horse-battery"):
        other = AccessControl(address_from_text(rest))
        assert not public.admits([], headers_of(Cookie=cookie_of(other)), HERE)


def test_the_cookie_is_for_this_site_only_and_does_not_tell_the_token(public):
    cookie = public.new_cookie(headers_of())
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert cookie.startswith("catseye-8080=") and TOKEN not in cookie


def test_a_cookie_is_each_browsers_own_and_good_after_a_restart(public):
    one, other = cookie_of(public), cookie_of(public)
    assert one != other
    again = AccessControl(address_from_text("0.0.0.0:8080?token=" + TOKEN))
    assert again.admits([], headers_of(Cookie=one), HERE)
    forged = one[:-1] + ("0" if one[-1] != "0" else "1")
    assert not again.admits([], headers_of(Cookie=forged), HERE)
    assert not again.admits([], headers_of(Cookie=one.partition(".")[0] + "."), HERE)


def test_a_proxy_that_speaks_https_gets_a_cookie_for_https_only(public):
    assert "Secure" not in public.new_cookie(headers_of())
    assert public.new_cookie(headers_of(**{"X-Forwarded-Proto": "https"})).endswith("; Secure")


def test_who_guesses_waits_and_who_is_known_does_not(public):
    known = headers_of(Cookie=cookie_of(public))
    for _ in range(guesses.FREE):
        assert not public.admits([("token", "wrong")], headers_of(), HERE)
    for query in ([("token", "wrong")], [("token", TOKEN)]):
        with pytest.raises(guesses.TooManyGuesses):
            public.admits(query, headers_of(), HERE)
    assert public.admits([], known, HERE) and not public.admits([], headers_of(), HERE)
    assert public.admits([("token", TOKEN)], headers_of(), "192.168.1.8")


@pytest.mark.parametrize(
    "origin, same",
    (
        ("http://127.0.0.1:8080", True),
        ("https://127.0.0.1:8080", True),  # by a proxy
        ("https://127.0.0.1", False),
        ("http://127.0.0.1", False),
        ("http://evil.example", False),
        ("null", False),
        (None, False),
    ),
)
def test_only_the_page_itself_is_of_the_same_origin(local, origin, same):
    headers = {} if origin is None else {"Origin": origin}
    assert local.is_same_origin(headers_of(Host="127.0.0.1:8080", **headers)) is same


def test_a_browser_may_say_itself_that_the_page_asks(local):
    """Behind a proxy that writes Host anew, Origin names another host."""
    for said, same in (("same-origin", True), ("same-site", False), ("cross-site", False)):
        headers = {"Origin": "https://cam.example", "Sec-Fetch-Site": said}
        assert local.is_same_origin(headers_of(Host="127.0.0.1:8080", **headers)) is same
