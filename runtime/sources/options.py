"""Options of an address, `name=value` joined by `&`: read one by one, each error in one line.

Knows how numbers and sizes are spelled; not which option an address has.
"""

import re
from typing import Any, Callable, Dict, Tuple

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sources.base import HIGHEST_FPS
from catseye.runtime.sources.faults import Limits

LONGEST_SIDE = 8192
LONGEST_S = 3600

# option -> (field it sets, its reading, what is expected)
Options = Dict[str, Tuple[str, Callable[[str], Any], str]]


def read_options(text: str, options: Options, example: str) -> Dict[str, Any]:
    """ "seed=1&size=640x360" -> {field: value}; raises CatseyeError for a name or a value that does
    not fit."""
    values: Dict[str, Any] = {}
    for option in text.split("&") if text else []:
        name, _, value = option.partition("=")
        if name not in options:
            raise CatseyeError(
                "unknown option %r" % name, "one of " + ", ".join(options), "such as " + example
            )
        field, convert, expected = options[name]
        try:
            values[field] = convert(value)
        except ValueError:
            raise CatseyeError("%s=%s" % (name, value), expected, "such as " + example) from None
    return values


def looks_like_options(text: str) -> bool:
    """Whether `text` can be meant as options: name=value, joined by &."""
    return re.match(r"[a-z_]+=[^&=]*(&[a-z_]+=[^&=]*)*\Z", text) is not None


def limits_among(values: Dict[str, Any]) -> Limits:
    """Take the time-outs out of `values`; the usual ones for the rest."""
    return Limits(**{field: values.pop(field) for field in Limits._fields if field in values})


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    """A whole number in a range."""

    def convert(text: str) -> int:
        value = int(text)
        if not lowest <= value <= highest:
            raise ValueError(text)
        return value

    return convert


def number(above: float, highest: float) -> Callable[[str], float]:
    """A number above the one, at most the other."""

    def convert(text: str) -> float:
        value = float(text)
        if not above < value <= highest:  # false for NaN too
            raise ValueError(text)
        return value

    return convert


def size_wh(text: str) -> Tuple[int, int]:
    """ "640x360" -> (640, 360)."""
    side = whole(16, LONGEST_SIDE)
    width, height = text.split("x")
    return side(width), side(height)


def choice(*words: str) -> Callable[[str], str]:
    """One of these words."""

    def convert(text: str) -> str:
        if text not in words:
            raise ValueError(text)
        return text

    return convert


def switch(text: str) -> bool:
    return bool(whole(0, 1)(text))


def seconds_or_never(text: str) -> float:
    return 0.0 if text == "0" else number(0, LONGEST_S)(text)


SIZE = ("size_wh", size_wh, "WIDTHxHEIGHT, each from 16 to %d" % LONGEST_SIDE)
FPS = ("fps", number(0, HIGHEST_FPS), "a number above 0, at most %d" % HIGHEST_FPS)
_SECONDS, _OR_NEVER = (
    "seconds, above 0, at most %d" % LONGEST_S,
    "seconds, at most %d, or 0 for never" % LONGEST_S,
)
LIMITS: Options = {
    "open_s": ("open_s", number(0, LONGEST_S), _SECONDS),
    "read_s": ("read_s", number(0, LONGEST_S), _SECONDS),
    "freeze_s": ("freeze_s", seconds_or_never, _OR_NEVER),
    "black_s": ("black_s", seconds_or_never, _OR_NEVER),
}
