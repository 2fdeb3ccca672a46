"""Light and weather of one drive: where the sun stands, what colour light and haze have, how the
camera exposes.

Knows how a surface of a given direction and distance is seen; does not know any surface.
"""

from typing import NamedTuple

import numpy as np

from catseye.runtime.street.painting.canvas import Tint
from catseye.runtime.street.painting.noise import rng_of


class Look(NamedTuple):
    """Light and weather of one drive."""

    kind: str  # sunny, overcast or dusk
    to_sun: np.ndarray  # unit vector (3,) towards the sun
    sun: np.ndarray  # BGR strength of direct light
    ambient: np.ndarray  # BGR strength of the light from the sky
    haze: np.ndarray  # BGR 0-255 of infinitely thick air
    haze_m: float  # distance at which 63 % of the light is haze
    zenith: np.ndarray  # BGR 0-255 of the sky overhead
    horizon: np.ndarray  # BGR 0-255 of the sky at the horizon
    cloud: float  # 0 clear - 1 closed cloud
    lamps: float  # 0 by day - 1 at dusk: how bright lit windows and lamps are


_KINDS = ("sunny", "overcast", "dusk")
_CHANCES = (0.5, 0.3, 0.2)


def make_look(seed: int) -> Look:
    """The look of the drive with that seed."""
    rng = rng_of(seed, 101)
    kind = _KINDS[int(rng.choice(3, p=_CHANCES))]
    azimuth, elevation = rng.uniform(0, 2 * np.pi), np.radians(rng.uniform(22, 55))
    to_sun = np.array(
        [
            np.cos(elevation) * np.sin(azimuth),
            np.sin(elevation),
            np.cos(elevation) * np.cos(azimuth),
        ]
    )
    if kind == "sunny":
        return _sunny(rng, to_sun)
    return _overcast(rng, to_sun) if kind == "overcast" else _dusk(rng, to_sun)


def _sunny(rng: np.random.RandomState, to_sun: np.ndarray) -> Look:
    strength = rng.uniform(0.7, 1.15)
    blue = np.array([255, 226, 188.0]) + rng.uniform(0, 1) * np.array([0, 26, 56.0])
    return Look(
        kind="sunny",
        to_sun=to_sun,
        sun=strength * np.array([0.92, 1.0, 1.05]),
        ambient=rng.uniform(0.55, 0.78) * np.array([1.06, 1, 0.95]),
        haze=np.array([250, 248, 244.0]),
        haze_m=rng.uniform(300, 900),
        zenith=blue,
        horizon=np.array([255, 254, 251.0]),
        cloud=rng.uniform(0.1, 0.7),
        lamps=0.0,
    )


def _overcast(rng: np.random.RandomState, to_sun: np.ndarray) -> Look:
    grey = rng.uniform(225, 255)
    return Look(
        kind="overcast",
        to_sun=to_sun,
        sun=np.full(3, rng.uniform(0.0, 0.15)),
        ambient=rng.uniform(0.8, 1.2) * np.array([1.02, 1, 0.98]),
        haze=np.array([grey, grey, grey - 3]),
        haze_m=rng.uniform(180, 600),
        zenith=np.array([grey, grey - 2, grey - 5]),
        horizon=np.array([254, 253, 251.0]),
        cloud=rng.uniform(0.7, 1.0),
        lamps=0.0,
    )


def _dusk(rng: np.random.RandomState, to_sun: np.ndarray) -> Look:
    glow = rng.uniform(165, 215) * (1 + rng.uniform(-0.05, 0.13) * np.array([1, 0.3, -1]))
    return Look(
        kind="dusk",
        to_sun=to_sun,
        sun=np.zeros(3),
        ambient=rng.uniform(0.26, 0.48) * np.array([1.1, 1.02, 0.88]),
        haze=glow * 0.8,
        haze_m=rng.uniform(400, 900),
        zenith=np.array([150, 138, 116.0]) * rng.uniform(0.7, 1.15),
        horizon=glow,
        cloud=rng.uniform(0.75, 1.0),
        lamps=1.0,
    )


def light_on(look: Look, normal: np.ndarray, sunlit: float = 1.0) -> np.ndarray:
    """BGR gain (3,) of a surface that faces `normal` (unit, (3,)); `sunlit` 0-1 is the share of sun
    that reaches it."""
    open_sky = 0.72 + 0.28 * float(normal[1])
    facing_sun = max(0.0, float(np.dot(normal, look.to_sun)))
    return look.ambient * open_sky + look.sun * facing_sun * sunlit


def through_air(look: Look, gain: np.ndarray, distance_m: float) -> Tint:
    """The gain seen from that far away, with the haze in between."""
    clear = float(np.exp(-max(distance_m, 0.0) / look.haze_m))
    return Tint(gain * clear, look.haze * (1 - clear))
