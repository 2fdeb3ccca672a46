"""Wrong tokens, counted by the address they come from: after a few of them it must wait before the
next is looked at, and longer each time.

While it waits not even the right token is looked at, or the answer would tell it; browsers that
have been admitted are known by their cookie and never come here.
"""

import ipaddress
import threading
import time
from collections import OrderedDict
from typing import NamedTuple

FREE = 5  # wrong ones that cost nothing: mistyped, or left over from another run
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
FORGOTTEN_S = 600.0  # without another
MOST_ADDRESSES = 1024  # that are remembered; the oldest is forgotten first
NEIGHBOURS = 64  # bits of an IPv6 address that are one household's


class TooManyGuesses(Exception):
    """seconds: until this address may try again."""

    def __init__(self, seconds: float) -> None:
        super().__init__("too many wrong tokens")
        self.seconds = seconds


class Record(NamedTuple):
    """wrong: guesses in a row.  until_s: when the next is looked at, time.monotonic."""

    wrong: int
    until_s: float


class Guesses:
    """The wrong guesses of all addresses; used by the server's threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: "OrderedDict[str, Record]" = OrderedDict()

    def judge(self, address: str, is_right: bool) -> bool:
        """`is_right`, remembered for this address; raises TooManyGuesses, whatever it is, where the
        address has to wait."""
        key, now_s = household(address), time.monotonic()
        with self._lock:
            record = self._records.pop(key, Record(0, now_s))
            if now_s < record.until_s:
                self._records[key] = record
                raise TooManyGuesses(record.until_s - now_s)
            if not is_right:
                forgotten = now_s > record.until_s + FORGOTTEN_S
                wrong = 1 if forgotten else record.wrong + 1
                self._records[key] = Record(wrong, now_s + wait_s(wrong))
                if len(self._records) > MOST_ADDRESSES:
                    self._records.popitem(last=False)
        return is_right


def wait_s(wrong: int) -> float:
    """Seconds to wait after so many wrong guesses."""
    if wrong < FREE:
        return 0.0
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(wrong - FREE, 16))


def household(address: str) -> str:
    """Addresses that one guesser has at hand, as one: an IPv6 network of 64 bits, an IPv4 address
    also where it is written as IPv6."""
    try:
        number = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if number.version == 4:
        return str(number)
    mapped = number.ipv4_mapped
    return str(mapped or ipaddress.ip_network((int(number), NEIGHBOURS), strict=False))
