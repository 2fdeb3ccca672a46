"""The `udp://HOST:PORT` sink: the state and the newest numbers as one JSON datagram, so many times
a second. Knows the datagram, which docs/control.md describes."""

import json
import re
import socket
from typing import Dict, List, NamedTuple, Sequence, Tuple

from catseye.runtime.control.state import UNSURE, State, limit_ms
from catseye.runtime.control.watchdog import Statement
from catseye.runtime.errors import CatseyeError, SinkError
from catseye.runtime.sinks.controller.paced import RATE, USUAL_RATE_HZ, PacedSink
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.system.option_values import Options, read_options

SCHEMA = 1
# of payload: what IPv6 carries anywhere in one packet (1280), less its head and that of UDP
MOST_BYTES = 1232
LONGEST_WHY, LONGEST_ADDRESS = 120, 60
EXAMPLE = "udp://192.168.1.5:5005?rate=20"
OPTIONS: Options = {"rate": RATE}


class UdpAddress(NamedTuple):
    host: str
    port: int
    rate_hz: float = USUAL_RATE_HZ


class UdpSink(PacedSink):
    """Never waits for anybody, and does not know whether somebody listens."""

    def __init__(self, rest: str, cameras: Sequence[str]) -> None:
        """rest: what follows `udp://`. Raises CatseyeError for an address that is none, SinkError
        for a host that nobody knows."""
        address = address_from_text(rest)
        self._socket, self._to = _socket_to(address)
        super().__init__("udp://" + rest, address.rate_hz, cameras)

    def _message(self, statement: Statement, sequence: int) -> bytes:
        return datagram(statement, sequence)

    def _send(self, message: bytes) -> None:
        try:
            self._socket.sendto(message, self._to)
        except OSError as error:
            raise SinkError(
                "no datagram to %s port %d (%s)" % (self._to[0], self._to[1], error.strerror),
                "a network that leads there",
            ) from error

    def _release(self) -> None:
        self._socket.close()


def address_from_text(rest: str) -> UdpAddress:
    """`HOST:PORT?rate=20`, an IPv6 number in brackets. Raises CatseyeError for what is none."""
    where, _, options = rest.partition("?")
    match = re.match(r"(?:\[([0-9A-Fa-f:.%a-z]+)\]|([^\[\]:/?#\s]+)):(\d{1,5})\Z", where)
    if match is None or not 0 < int(match.group(3)) < 65536:
        raise CatseyeError("udp://%s" % where, "HOST:PORT", "such as " + EXAMPLE)
    values = read_options(options, OPTIONS, EXAMPLE)
    return UdpAddress(match.group(1) or match.group(2), int(match.group(3)), **values)


def datagram(statement: Statement, sequence: int) -> bytes:
    """At most MOST_BYTES of JSON: of the result what fits, short things first; `left_out` counts
    the others. There is no result where the state is `stale` or `blind`."""
    newest = statement.newest
    if newest is None or not statement.is_usable:
        return _text(_head(statement, sequence)).encode()
    try:
        entries = {name: _text({name: value}) for name, value in newest.found.items()}
    except ValueError:  # NaN, which JSON has not
        unsure = statement._replace(state=State(UNSURE, "a number of it is none"))
        return _text(_head(unsure, sequence)).encode()
    head = _text(dict(_head(statement, sequence), task=newest.task))
    kept: List[str] = []
    left = MOST_BYTES - len(_joined(head, entries, kept))
    for name in sorted(entries, key=lambda name: len(entries[name])):
        left -= len(entries[name]) - 1  # without its braces, with a comma
        if left < 0:
            break
        kept.append(name)
    return _joined(head, entries, kept)


def _joined(head: str, entries: Dict[str, str], kept: List[str]) -> bytes:
    """The whole datagram, with these entries of the result in their own order."""
    result = ",".join(text[1:-1] for name, text in entries.items() if name in kept)
    left_out = len(entries) - len(kept)
    return ('%s,"result":{%s},"left_out":%d}' % (head[:-1], result, left_out)).encode()


def _head(statement: Statement, sequence: int) -> JsonObject:
    """What is said whether or not there is a result."""
    newest, facts = statement.newest, statement.newest and statement.newest.facts
    age_ms = statement.age_ms
    return {
        "schema": SCHEMA,
        "sequence": sequence,
        "camera": statement.camera or None,
        "state": statement.state.word,
        "why": _plain(statement.state.why, LONGEST_WHY),
        "index": newest and newest.frame.index,
        "timestamp_ns": newest and newest.frame.timestamp_ns,
        "clock": facts and facts.clock,
        "age_ms": None if age_ms is None else round(age_ms, 1),
        "budget_ms": limit_ms(facts.budget_ms if facts else None),
        "alarms": list(facts.alarms) if facts else [],
        "failing": [_plain(address, LONGEST_ADDRESS) for address in facts.failing[:2]]
        if facts
        else [],
    }


def _plain(text: str, longest: int) -> str:
    """What takes one byte a letter in JSON."""
    return re.sub(r"[^ -!#-\[\]-~]", "?", text[:longest])


def _text(value: object) -> str:
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


def _socket_to(address: UdpAddress) -> Tuple[socket.socket, Tuple[str, int]]:
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_DGRAM)
        family, _, protocol, _, to = found[0]
        sender = socket.socket(family, socket.SOCK_DGRAM, protocol)
    except (OSError, UnicodeError) as error:
        raise SinkError(
            "udp:// to %s (%s)" % (address.host, error), "a host that the network knows"
        ) from error
    sender.setblocking(False)
    return sender, to  # type: ignore[return-value]  # what the family wants
