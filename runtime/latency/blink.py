"""A light that goes on and off in an order that does not repeat itself for fourteen seconds, by
this machine's clock that is never set: so who sees it knows when it was lit.

Knows the order: an m-sequence, whose correlation with itself is a single peak (Golomb, Shift
Register Sequences, 1967). Not who shows it.
"""

from typing import Tuple

import numpy as np

REGISTER_BITS = 7
# no multiple of any camera's frame time, so that frames fall everywhere between two changes
BIT_S = 0.1137


def _sequence() -> Tuple[bool, ...]:
    """127 bits of the register x^7 + x^6 + 1."""
    register, bits = [True] * REGISTER_BITS, []
    for _ in range((1 << REGISTER_BITS) - 1):
        bits.append(register[-1])
        register = [register[-1] != register[-2]] + register[:-1]
    return tuple(bits)


BITS = _sequence()
PERIOD_S = BIT_S * len(BITS)


def is_lit(at_s: float) -> bool:
    """Whether the light is on at a moment of time.monotonic."""
    return BITS[int(at_s // BIT_S) % len(BITS)]


def were_lit(at_s: np.ndarray) -> np.ndarray:
    """(...) float64 moments -> the same shape, bool."""
    return np.array(BITS)[(at_s // BIT_S).astype(np.int64) % len(BITS)]


def next_change_s(at_s: float) -> float:
    """When the bit that is shown then ends."""
    return (at_s // BIT_S + 1) * BIT_S
