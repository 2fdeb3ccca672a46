"""The options that several cameras and streams share: size, frame rate, time-outs.

How an option is spelled stands in system/option_values.py.
"""

from catseye.runtime.clock.moment import ARRIVED, CAPTURED, LONGEST_UNDER_WAY_S
from catseye.runtime.sources.base import HIGHEST_FPS
from catseye.runtime.sources.faults import Limits
from catseye.runtime.system.option_values import (
    Options,
    Values,
    choice,
    number,
    number_above,
    size_wh,
)

LONGEST_SIDE = 8192
LONGEST_S = 3600


def limits_among(values: Values, usual: Limits = Limits()) -> Limits:
    """Take the time-outs out of `values`; the usual ones for the rest."""
    return usual._replace(
        **{field: values.pop(field) for field in Limits._fields if field in values}
    )


def seconds_or_never(text: str) -> float:
    """Reader: 0 stands for never."""
    return 0.0 if text == "0" else number_above(0, LONGEST_S)(text)


SIZE = ("size_wh", size_wh(16, LONGEST_SIDE), "WIDTHxHEIGHT, each from 16 to %d" % LONGEST_SIDE)
FPS = ("fps", number_above(0, HIGHEST_FPS), "a number above 0, at most %d" % HIGHEST_FPS)
DELAY = (
    "delay_ms",
    number(0, LONGEST_UNDER_WAY_S * 1e3),
    "milliseconds from 0 to %d" % (LONGEST_UNDER_WAY_S * 1e3),
)
CLOCK = ("clock", choice(CAPTURED, ARRIVED), "%s or %s" % (CAPTURED, ARRIVED))
_SECONDS, _OR_NEVER = (
    "seconds, above 0, at most %d" % LONGEST_S,
    "seconds, at most %d, or 0 for never" % LONGEST_S,
)
LIMITS: Options = {
    "open_s": ("open_s", number_above(0, LONGEST_S), _SECONDS),
    "read_s": ("read_s", number_above(0, LONGEST_S), _SECONDS),
    "freeze_s": ("freeze_s", seconds_or_never, _OR_NEVER),
    "black_s": ("black_s", seconds_or_never, _OR_NEVER),
}
