"""The address of the web page: HOST:PORT?token=...&record=FOLDER, taken literally. Knows what may
listen where."""

import logging
import re
from typing import Dict, NamedTuple

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.loopback import LOOPBACK

EXAMPLE = "http://127.0.0.1:8080, or http://0.0.0.0:8080?token=SECRET"
# folder of what the page's button records, beside where the program was started
RECORDINGS = "recordings"
SHORT_TOKEN = 12  # letters; fewer can be guessed

log = logging.getLogger("catseye")


class Address(NamedTuple):
    """host, port: where to listen, port 0 = any free one.  token: what a viewer must know, "" =
    nothing.

    record: folder of the recordings.
    """

    host: str
    port: int
    token: str
    record: str

    @property
    def is_loopback(self) -> bool:
        return self.host in LOOPBACK


def address_from_text(rest: str) -> Address:
    """What follows `http://`; raises CatseyeError unless it is an address that may listen."""
    place, _, options = rest.partition("?")
    found = re.match(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z.-]+):(\d{1,5})/?$", place)
    if found is None or int(found.group(2)) > 65535:
        raise CatseyeError("sink http://%s" % place, EXAMPLE)
    values = _options(options)
    address = Address(
        found.group(1).strip("[]").lower(),
        int(found.group(2)),
        values.get("token", ""),
        values.get("record", RECORDINGS),
    )
    if not address.is_loopback:
        _check_token(address)
    return address


def _options(text: str) -> Dict[str, str]:
    values = {}
    for option in text.split("&") if text else []:
        name, _, value = option.partition("=")
        if name not in ("token", "record") or not value:
            raise CatseyeError(
                "option %r of an http:// sink" % option,
                "token=SECRET or record=FOLDER",
                "such as " + EXAMPLE,
            )
        values[name] = value
    if not re.match(r"[A-Za-z0-9._~-]*$", values.get("token", "")):
        raise CatseyeError(
            "a token with other letters",
            "A-Z a-z 0-9 . _ ~ -",
            "choose another, such as `openssl rand -hex 16` makes",
        )
    return values


def _check_token(address: Address) -> None:
    if not address.token:
        raise CatseyeError(
            "http://%s:%d would show the camera to everybody who reaches it" % (address[:2]),
            "?token=SECRET for other hosts than 127.0.0.1",
            "add one, such as `openssl rand -hex 16` makes",
        )
    if len(address.token) < SHORT_TOKEN:
        log.warning(
            "a token of %d letters can be guessed; 16 or more are better", len(address.token)
        )
