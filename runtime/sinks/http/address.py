"""The address of the web page: HOST:PORT?token=...&record=FOLDER, taken literally. Knows what may
listen where."""

import logging
import re
from typing import NamedTuple

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.loopback import LOOPBACK
from catseye.runtime.system.option_values import Options, filled, read_options

EXAMPLE = "http://127.0.0.1:8080, or http://0.0.0.0:8080?token=..."
# folder of what the page's button records, beside where the program was started
RECORDINGS = "recordings"
SHORT_TOKEN = 12  # letters; fewer can be guessed
OPTIONS: Options = {
    "token": ("token", filled, "token=..."),
    "record": ("record", filled, "record=FOLDER"),
}

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
    values = read_options(options, OPTIONS, EXAMPLE)
    _check_letters(values.get("token", ""))
    address = Address(
        found.group(1).strip("[]").lower(),
        int(found.group(2)),
        values.get("token", ""),
        values.get("record", RECORDINGS),
    )
    if not address.is_loopback:
        _check_token(address)
    return address


def _check_letters(token: str) -> None:
    """Not a reader of its own, because the error must not repeat the secret."""
    if not re.match(r"[A-Za-z0-9._~-]*\Z", token):
        raise CatseyeError(
            "a token with other letters",
            "A-Z a-z 0-9 . _ ~ -",
            "choose another, such as `openssl rand -hex 16` makes",
        )


def _check_token(address: Address) -> None:
    if not address.token:
        raise CatseyeError(
            "http://%s:%d would show the camera to everybody who reaches it" % (address[:2]),
            "?token=... for other hosts than 127.0.0.1",
            "add one, such as `openssl rand -hex 16` makes",
        )
    if len(address.token) < SHORT_TOKEN:
        log.warning(
            "a token of %d letters can be guessed; 16 or more are better", len(address.token)
        )
