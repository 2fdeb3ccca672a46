"""Values as users write them, on the command line and in the options of an address: whole numbers,
numbers in a range, WIDTHxHEIGHT, one of some words; `name=value` joined by `&`.

Each reader takes a text and raises ValueError where it does not fit; what was expected is said by
whoever knows which option it was. Does not know which options there are.
"""

import math
import re
from typing import Any, Callable, Dict, Tuple

from catseye.runtime.errors import CatseyeError

# option -> (field it sets, its reader, what is expected)
Options = Dict[str, Tuple[str, Callable[[str], object], str]]
Values = Dict[str, Any]  # by field, whose type its reader knows


BYTES = {"kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}
MOST_BYTES = 1e15
A_SIZE = "a size above zero, at most 1000TB, such as 500MB (kB, MB, GB, TB)"
SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}
MOST = 2**31 - 1  # what every library takes for a whole number


def read_options(text: str, options: Options, example: str) -> Values:
    """ "seed=1&size=640x360" -> {field: value}; raises CatseyeError for a name or a value that does
    not fit."""
    values: Values = {}
    for option in text.split("&") if text else []:
        name, _, value = option.partition("=")
        if name not in options:
            raise CatseyeError(
                "unknown option %r" % name, "one of " + ", ".join(options), "such as " + example
            )
        field, read, expected = options[name]
        try:
            values[field] = read(value)
        except ValueError:
            raise CatseyeError("%s=%s" % (name, value), expected, "such as " + example) from None
    return values


def looks_like_options(text: str) -> bool:
    """Whether `text` can be meant as options: name=value, joined by &."""
    return re.match(r"[a-z_]+=[^&=]*(&[a-z_]+=[^&=]*)*\Z", text) is not None


def whole(lowest: int, highest: int = MOST) -> Callable[[str], int]:
    """A whole number in a range, both ends included."""

    def read(text: str) -> int:
        value = int(text)
        if not lowest <= value <= highest:
            raise ValueError(text)
        return value

    return read


def number(lowest: float, highest: float = math.inf) -> Callable[[str], float]:
    """A finite number in a range, both ends included."""

    def read(text: str) -> float:
        value = float(text)
        if not lowest <= value <= highest or math.isinf(value):  # not so for NaN too
            raise ValueError(text)
        return value

    return read


def number_above(lowest: float, highest: float = math.inf) -> Callable[[str], float]:
    """A finite number above `lowest`, at most `highest`."""
    in_range = number(lowest, highest)

    def read(text: str) -> float:
        value = in_range(text)
        if value == lowest:
            raise ValueError(text)
        return value

    return read


def with_unit(units: Dict[str, float], highest: float) -> Callable[[str], float]:
    """ "5min" -> 300.0: a number above 0 and its unit, at most `highest` in all."""
    read_number = number_above(0.0)

    def read(text: str) -> float:
        match = re.match(r"([0-9.]+)([A-Za-z]+)\Z", text)
        if match is None or match.group(2) not in units:
            raise ValueError(text)
        value = read_number(match.group(1)) * units[match.group(2)]
        if value > highest:
            raise ValueError(text)
        return value

    return read


def byte_count(text: str) -> int:
    """ "20GB" -> 20,000,000,000: A_SIZE."""
    count = int(with_unit(BYTES, MOST_BYTES)(text))
    if count == 0:  # less than a byte
        raise ValueError(text)
    return count


def size_wh(lowest: int = 1, highest: int = MOST) -> Callable[[str], Tuple[int, int]]:
    """ "640x360" -> (640, 360), each side in a range."""
    side = whole(lowest, highest)

    def read(text: str) -> Tuple[int, int]:
        width, height = text.lower().split("x")
        return side(width), side(height)

    return read


def choice(*words: str) -> Callable[[str], str]:
    """One of these words."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(text)
        return text

    return read


def switch(text: str) -> bool:
    """ "0" or "1"."""
    return bool(whole(0, 1)(text))


def filled(text: str) -> str:
    """Any text but the empty one."""
    if not text:
        raise ValueError(text)
    return text
