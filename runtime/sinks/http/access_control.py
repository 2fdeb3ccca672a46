"""Who may come in: names of this machine only, the token where there is one, and changes only from
the page itself.

Knows headers and the token; nothing of pictures. A browser sends requests for any site that a user
has open, so each rule answers one way to abuse that: another name for this address (DNS rebinding),
a form or script of another site.
"""

import hashlib
import hmac
import ipaddress
import socket
from email.message import Message
from http.cookies import CookieError, SimpleCookie
from typing import Sequence, Tuple

from catseye.runtime.sinks.http.address import Address
from catseye.runtime.system.loopback import LOOPBACK

KEPT_S = 30 * 24 * 3600  # how long a browser keeps the cookie


class AccessControl:
    """Decides for one server. Headers are looked up by name in any case, as http.server gives
    them."""

    def __init__(self, address: Address) -> None:
        self._address = address
        # cookies are shared by all ports of a machine
        self._cookie_name = "catseye-%d" % address.port
        self._cookie_value = hashlib.sha256(b"catseye " + address.token.encode()).hexdigest()
        name = socket.gethostname().lower()
        self._names = {"localhost", name, name.partition(".")[0] + ".local", address.host}

    def knows_host(self, header: str) -> bool:
        """Whether the Host header names this machine: by number (no name can be rebound to that) or
        by its own name."""
        host = _host_of(header)
        if self._address.is_loopback:
            return host in LOOPBACK
        return host in self._names or _is_number(host)

    def admits(self, query: Sequence[Tuple[str, str]], headers: Message) -> bool:
        """Whether the request knows the token: in the query, in the cookie it got for that, or as a
        bearer."""
        if not self._address.token:
            return True
        if self.has_token(query):
            return True
        kind, _, bearer = headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer" and _equal(bearer.strip(), self._address.token):
            return True
        return _equal(_cookie(headers.get("Cookie", ""), self._cookie_name), self._cookie_value)

    def has_token(self, query: Sequence[Tuple[str, str]]) -> bool:
        """Whether the token stands in the query."""
        return bool(self._address.token) and any(
            name == "token" and _equal(value, self._address.token) for name, value in query
        )

    def cookie(self) -> str:
        """The Set-Cookie header for a browser that knew the token: not for scripts, not for other
        sites."""
        return "%s=%s; HttpOnly; SameSite=Strict; Path=/; Max-Age=%d" % (
            self._cookie_name,
            self._cookie_value,
            KEPT_S,
        )

    def is_same_origin(self, headers: Message) -> bool:
        """Whether the page itself asks: browsers always send Origin with POST, and no script can
        forge it."""
        return headers.get("Origin", "") == "http://" + headers.get("Host", "")


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
