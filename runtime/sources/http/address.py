"""Where an `http(s)://` or `rtsp://` source is, taken apart: server, what to ask it for, who asks.

Knows URLs (RFC 3986) and how people write passwords into them; sends nothing.
"""

import re
from typing import NamedTuple, Optional, Tuple
from urllib.parse import quote, unquote

from catseye.runtime.errors import SourceError

PORTS = {"http": 80, "https": 443, "rtsp": 554}
# what a request line may hold as it is: all of RFC 3986, and what browsers send literally too
SENT_LITERALLY = "%/?:@!$&'()*+,;=-._~[]|\\^{}\"`<>"
PLACE = re.compile(r"(\[[0-9A-Fa-f:.%a-z]+\]|[^\s\[\]:/@]+)(?::(\d{1,5}))?\Z")


class Address(NamedTuple):
    """target: path and query.  user: None where nobody is named; it and password as a server is
    told them."""

    scheme: str
    host: str
    port: int
    target: str
    user: Optional[str] = None
    password: str = ""

    @property
    def server(self) -> Tuple[str, str, int]:
        """What a password is meant for: nobody else may see it."""
        return self.scheme, self.host, self.port

    @property
    def place(self) -> str:
        """HOST, and the port where it is not the usual one."""
        host = "[%s]" % self.host if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else "%s:%d" % (host, self.port)

    @property
    def uri(self) -> str:
        """The same as others read it too, whatever stands in the password."""
        asked_by = "" if self.user is None else quote(self.user, safe="")
        asked_by += ":" + quote(self.password, safe="") if self.password else ""
        return "%s://%s%s%s" % (self.scheme, asked_by and asked_by + "@", self.place, self.target)


def address_from_uri(uri: str) -> Address:
    """Raises SourceError where no server can be asked for that."""
    scheme, _, rest = uri.partition("://")
    asked_by, place, target = _split(rest)
    match, scheme = PLACE.match(place), scheme.lower()
    port = int(match.group(2) or PORTS.get(scheme, 0)) if match else 0
    if match is None or scheme not in PORTS or not 0 < port < 1 << 16:
        raise SourceError(
            "%r is no address of a server" % place,
            "%s://HOST:PORT/PATH, a port from 1 to 65535" % scheme,
            "in a user's name or password write / as %2F, ? as %3F and # as %23",
        )
    user, _, password = asked_by.partition(":")
    return Address(
        scheme,
        _ascii_host(match.group(1).strip("[]")),
        port,
        quote(target.partition("#")[0], safe=SENT_LITERALLY) or "/",
        unquote(user) if asked_by else None,
        unquote(password),
    )


def _split(rest: str) -> Tuple[str, str, str]:
    """USER:PASSWORD, HOST:PORT and the target. A password that holds a slash is one where no port
    could stand."""
    match = re.match(r"[^/?#]*", rest)
    place = match.group() if match else ""
    if "@" not in place and re.search(r":(?!\d*\Z)", place.partition("]")[2] or place):
        place = re.match(r"(?:[^?]*@)?[^/?#]*", rest).group()  # type: ignore[union-attr]  # never None
    asked_by, _, server = place.rpartition("@")
    target = rest[len(place) :]
    return asked_by, server, target if target.startswith("/") else "/" + target


def _ascii_host(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        raise SourceError(
            "the host %r" % host, "a name or a number of a server", "check the address"
        ) from None
