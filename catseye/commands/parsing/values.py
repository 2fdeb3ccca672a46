"""The argparse types of the command line: runtime's readers of values, with a complaint that says
what was expected. Knows no option."""

import argparse
import os
from typing import Callable, TypeVar

from catseye.runtime.clock.moment import LONGEST_UNDER_WAY_S
from catseye.runtime.engines import MOST_THREADS
from catseye.runtime.errors import CatseyeError
from catseye.runtime.sinks.output_paths import check_will_take
from catseye.runtime.system.option_values import (
    SECONDS,
    number,
    number_above,
    size_wh,
    whole,
    with_unit,
)
from catseye.runtime.tasks.letterboxed import LONGEST_SIDE

ValueT = TypeVar("ValueT")


def value_type(read: Callable[[str], ValueT], expected: str) -> Callable[[str], ValueT]:
    """An argparse type of a reader that raises ValueError; its complaint names what was
    expected."""

    def convert(text: str) -> ValueT:
        try:
            return read(text)
        except ValueError:
            raise argparse.ArgumentTypeError("%r is not %s" % (text, expected)) from None

    return convert


def picture_path(text: str) -> str:
    """The path of a picture that is drawn at the end: after minutes, or hours, nobody wants to hear
    that it cannot be. Raises CatseyeError where nothing can be written there."""
    if os.path.isdir(text) or not os.path.basename(text):
        found = "%s is a folder" % text if text else "an empty path"
        raise CatseyeError(found, "the name of a PNG", "choose another path")
    check_will_take(os.path.dirname(text) or ".")
    return text


def _share(text: str) -> float:
    value = number_above(0, 1)(text)
    if value == 1:
        raise ValueError(text)
    return value


positive_int = value_type(whole(1), "a whole number above zero")
not_negative_int = value_type(whole(0), "a whole number, zero or above")
thread_count = value_type(whole(0, MOST_THREADS), "a whole number from 0 to %d" % MOST_THREADS)
positive_float = value_type(number_above(0), "a number above zero")
not_negative_float = value_type(number(0), "a number, zero or above")
delay = value_type(
    number(0, LONGEST_UNDER_WAY_S * 1e3),
    "a number of milliseconds from 0 to %d" % (LONGEST_UNDER_WAY_S * 1e3),
)
duration = value_type(with_unit(SECONDS, 600), "a time of at most 10min, such as 10s")
share = value_type(_share, "a number between 0 and 1, neither of them")
size = value_type(
    size_wh(1, LONGEST_SIDE), "WIDTHxHEIGHT of at most %d each, such as 640x360" % LONGEST_SIDE
)
