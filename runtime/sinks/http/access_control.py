"""Who may come in: names of this machine only, the token where there is one, and changes only from
the page itself.

Knows headers and the token; nothing of pictures. A browser sends requests for any site that a user
has open, so each rule answers one way to abuse that: another name for this address (DNS rebinding),
a form or script of another site. Guesses of the token are slowed down (guesses.py).
"""

import hashlib
import hmac
import ipaddress
import secrets
import socket
import threading
from collections import OrderedDict
from email.message import Message
from http.cookies import CookieError, SimpleCookie
from typing import List, Sequence, Tuple

from catseye.runtime.sinks.http.address import Address
from catseye.runtime.sinks.http.guesses import Guesses
from catseye.runtime.system.loopback import LOOPBACK

KEPT_S = 30 * 24 * 3600  # how long a browser keeps the cookie
MOST_KNOWN = 256  # browsers that are remembered; the oldest comes in by its cookie's signature


class AccessControl:
    """Decides for one server. Headers are looked up by name in any case, as http.server gives
    them."""

    def __init__(self, address: Address) -> None:
        self._address = address
        # cookies are shared by all ports of a machine
        self._cookie_name = "catseye-%d" % address.port
        self._known: "OrderedDict[str, None]" = OrderedDict()  # cookies, newest last
        self._lock, self._guesses = threading.Lock(), Guesses()
        name = socket.gethostname().lower()
        self._names = {"localhost", name, name.partition(".")[0] + ".local", address.host}

    def knows_host(self, header: str) -> bool:
        """Whether the Host header names this machine: by number (no name can be rebound to that) or
        by its own name."""
        host = _host_of(header)
        if self._address.is_loopback:
            return host in LOOPBACK
        return host in self._names or _is_number(host)

    def admits(self, query: Sequence[Tuple[str, str]], headers: Message, address: str) -> bool:
        """Whether the request knows the token: in the query, in the cookie it got for that, or as a
        bearer.

        address: whose request it is. Raises TooManyGuesses where it guessed too often; browsers
        that were admitted before are known by their cookie and do not guess.
        """
        if not self._address.token:
            return True
        cookie = _cookie(headers.get("Cookie", ""), self._cookie_name)
        with self._lock:
            if cookie in self._known:
                return True
        tokens = [value for name, value in query if name == "token"] + _bearers(headers)
        if not tokens and not cookie:
            return False
        signed = self._is_signed(cookie)
        right = signed or any([_equal(token, self._address.token) for token in tokens])
        if self._guesses.judge(address, right) and signed:
            self._remember(cookie)
        return right

    def has_token(self, query: Sequence[Tuple[str, str]]) -> bool:
        """Whether the token stands in the query."""
        return bool(self._address.token) and any(
            name == "token" and _equal(value, self._address.token) for name, value in query
        )

    def new_cookie(self, headers: Message) -> str:
        """The Set-Cookie header for a browser that knew the token: not for scripts, not for other
        sites, and where a proxy speaks https to it for that only.

        Its value is a name of the browser's own and that name signed by the token, so that it is
        still good when the program starts again, and tells nothing of the token.
        """
        name = secrets.token_hex(16)
        cookie = name + "." + self._signature(name)
        self._remember(cookie)
        secure = "; Secure" if headers.get("X-Forwarded-Proto", "").lower() == "https" else ""
        return "%s=%s; HttpOnly; SameSite=Strict; Path=/; Max-Age=%d%s" % (
            self._cookie_name,
            cookie,
            KEPT_S,
            secure,
        )

    def is_same_origin(self, headers: Message) -> bool:
        """Whether the page itself asks: browsers send Origin with every POST, and Sec-Fetch-Site
        where the page came by https or from this machine; no script can forge either.

        Behind a proxy the page's origin is https, which nobody else can be at the same host and
        port; where the proxy writes Host anew, Sec-Fetch-Site still tells.
        """
        if headers.get("Sec-Fetch-Site") == "same-origin":
            return True
        host = headers.get("Host", "")
        return headers.get("Origin", "") in ("http://" + host, "https://" + host)

    def _remember(self, cookie: str) -> None:
        with self._lock:
            self._known[cookie] = None
            if len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)

    def _is_signed(self, cookie: str) -> bool:
        name, _, signature = cookie.partition(".")
        return _equal(signature, self._signature(name))

    def _signature(self, name: str) -> str:
        key = b"catseye " + self._address.token.encode()
        return hmac.new(key, name.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _bearers(headers: Message) -> List[str]:
    """What follows `Authorization: Bearer`."""
    kind, _, token = headers.get("Authorization", "").partition(" ")
    return [token.strip()] if kind.lower() == "bearer" and token.strip() else []


def _equal(one: str, other: str) -> bool:
    """In a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def _host_of(header: str) -> str:
    """`[::1]:80` -> `::1`, `localhost:80` -> `localhost`; "" for what is no host."""
    if header.startswith("["):
        host, closed, port = header[1:].partition("]")
        return (
            host.lower() if closed and (not port or port[:1] == ":" and port[1:].isdigit()) else ""
        )
    host, colon, port = header.partition(":")
    return host.lower() if not colon or port.isdigit() else ""


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _cookie(header: str, name: str) -> str:
    try:
        cookies = SimpleCookie(header)
    except CookieError:
        return ""
    return cookies[name].value if name in cookies else ""
