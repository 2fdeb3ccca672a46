"""People on foot and on bicycles, as jointed figures of capsules.

Knows how a figure moves and is painted; does not know who is where, save the walkers and riders it
sends along.
"""

from typing import Dict, List, NamedTuple, Tuple

import numpy as np

from catseye.runtime.classes import NAMES
from catseye.runtime.street.painting.camera import Camera
from catseye.runtime.street.painting.canvas import Canvas, tinted
from catseye.runtime.street.painting.look import Look, light_on, through_air
from catseye.runtime.street.painting.noise import rng_of
from catseye.runtime.street.town.course import Course

_PEDESTRIAN, _BICYCLIST = NAMES.index("Pedestrian"), NAMES.index("Bicyclist")
_PERIOD_M = 150.0
_BEHIND_M = 4.0
_SIDEWAYS = np.array([0.0, 0.0, -1.0])
_TURN = np.linspace(0, np.pi, 6)


class PersonAt(NamedTuple):
    """Somebody on the way."""

    u: float
    v: float
    variant: int
    cycling: bool
    stride: float  # phase of the step or the pedals, radians
    away: bool  # turning their back


Colour = Tuple[float, float, float]
Limb = Tuple[float, float, float, float, float, Colour]  # x0, y0, x1, y1, thickness, BGR


class Dress(NamedTuple):
    """How somebody is dressed and built."""

    coat: Colour
    sleeves: Colour
    trousers: Colour
    skin: Colour
    hair: Colour
    vest: Colour
    trifle: Colour  # of bag or helmet
    tall: float
    girth: float
    bag: bool


class People:
    """Walkers and riders of one drive."""

    def __init__(self, seed: int, course: Course, look: Look) -> None:
        rng = rng_of(seed, 1101)
        self._seed = seed
        self._course = course
        self._look = look
        self._dressed: Dict[int, Dress] = {}
        self._walkers = [
            (
                rng.uniform(0, _PERIOD_M),
                rng.choice([-1, 1]),
                rng.uniform(0.5, course.pavement - 0.3),
                rng.uniform(-1.6, 1.6),
                rng.randint(1000),
            )
            for _ in range(rng.randint(0, 10))
        ]
        self._riders = [
            (rng.uniform(0, _PERIOD_M), rng.choice([-1, 1]), rng.uniform(4, 6.5), rng.randint(1000))
            for _ in range(rng.poisson(0.9))
        ]

    def moving(self, time_s: float) -> List[PersonAt]:
        """Those who walk and ride at that time, around the camera."""
        course, here = self._course, self._course.progress(time_s)
        people = []
        for start, side, inward, speed, variant in self._walkers:
            ahead = (start + (speed - course.speed) * time_s + _BEHIND_M) % _PERIOD_M - _BEHIND_M
            people.append(
                PersonAt(
                    u=side * (course.half_width + inward),
                    v=here + ahead,
                    variant=variant,
                    cycling=False,
                    stride=time_s * 5.5 + variant,
                    away=speed > 0,
                )
            )
        for start, side, speed, variant in self._riders:
            away = side * course.drive_side > 0
            ahead = (
                start + ((speed if away else -speed) - course.speed) * time_s + _BEHIND_M
            ) % _PERIOD_M - _BEHIND_M
            inward = 2.7 if course.parking else 0.6
            people.append(
                PersonAt(
                    u=side * (course.half_width - inward),
                    v=here + ahead,
                    variant=variant,
                    cycling=True,
                    stride=time_s * 7 + variant,
                    away=away,
                )
            )
        return people

    def paint(self, canvas: Canvas, camera: Camera, person: PersonAt, sunlit: float) -> None:
        """One figure, facing the camera or turning its back."""
        foot = self._course.world(person.u, person.v)
        depth = camera.depth(foot[0], foot[2])
        if person.variant not in self._dressed:
            self._dressed[person.variant] = _dress(rng_of(self._seed, 1102, person.variant))
        limbs = (_cyclist if person.cycling else _walker)(
            self._dressed[person.variant], person.stride, person.away
        )
        gain = light_on(self._look, _SIDEWAYS, 0.0) + self._look.sun * 0.5 * sunlit
        tint = through_air(self._look, gain, depth)
        pixel, scale = (
            camera.pixels_from_camera(camera.camera_from_world(foot[None]))[0],
            camera.focal_px / depth,
        )
        outlines = (
            _capsules(np.array([limb[:5] for limb in limbs]), 1.0 / scale)
            * np.array([scale, -scale])
            + pixel
        )
        for points, limb in zip(outlines, limbs):
            canvas.polygon(
                points, tinted(limb[5], tint), _BICYCLIST if person.cycling else _PEDESTRIAN
            )


def _capsules(limbs: np.ndarray, least_m: float) -> np.ndarray:
    """Outlines (N, 12, 2) of thick lines with round ends, from (N, 5): x0, y0, x1, y1,
    thickness."""
    ends, radius = (
        limbs[:, :4].reshape(-1, 2, 1, 2),
        np.maximum(limbs[:, 4], least_m)[:, None, None] / 2,
    )
    turned = (
        np.arctan2(limbs[:, 3] - limbs[:, 1], limbs[:, 2] - limbs[:, 0])[:, None]
        + np.pi / 2
        + _TURN
    )
    round_end = radius * np.stack([np.cos(turned), np.sin(turned)], axis=2)
    return np.concatenate([ends[:, 0] + round_end, ends[:, 1] - round_end], axis=1)


def _dress(rng: np.random.RandomState) -> Dress:
    """Winter coats are mostly dark; some riders wear a reflecting vest."""
    coat = rng.uniform(18, 60, 3) if rng.rand() < 0.75 else rng.uniform(40, 180, 3)
    trousers = rng.uniform(18, 55) * np.array([1.25, 1.0, 0.9])
    skin, hair = (
        np.array([100, 125, 168]) * rng.uniform(0.45, 1.05),
        np.array([30, 38, 48]) * rng.uniform(0.5, 2.0),
    )
    vest = np.array([60.0, 225.0, 205.0]) if rng.rand() < 0.3 else coat
    return Dress(
        coat=_bgr(coat),
        sleeves=_bgr(0.75 * coat),
        trousers=_bgr(trousers),
        skin=_bgr(skin),
        hair=_bgr(hair),
        vest=_bgr(vest),
        trifle=_bgr(rng.uniform(20, 180, 3)),
        tall=rng.uniform(0.9, 1.06),
        girth=rng.uniform(0.38, 0.46),
        bag=bool(rng.rand() < 0.35),
    )


def _bgr(levels: np.ndarray) -> Colour:
    b, g, r = levels
    return (float(b), float(g), float(r))


def _walker(dress: Dress, stride: float, away: bool) -> List[Limb]:
    tall, swing = dress.tall, 0.13 * np.sin(stride)
    limbs: List[Limb] = []
    for side in (-1, 1):
        knee, foot = side * (0.08 + 0.3 * swing), side * 0.07 + 1.2 * side * swing
        lift = max(0.0, side * swing) * 0.9
        limbs.append((side * 0.08, 0.85 * tall, knee, 0.47 + lift * 0.3, 0.17, dress.trousers))
        limbs.append((knee, 0.47 + lift * 0.3, foot, 0.08 + lift, 0.13, dress.trousers))
        limbs.append((foot, 0.05 + lift, foot + 0.06 * side, 0.04 + lift, 0.1, (24, 24, 26)))
        limbs.append(
            (side * 0.22, 1.38 * tall, side * (0.27 - swing), 0.85 * tall, 0.11, dress.sleeves)
        )
    limbs.append((0.0, 1.33 * tall, 0.0, 0.88 * tall, dress.girth, dress.coat))
    limbs.append((-0.09, 1.3 * tall, -0.09, 0.9 * tall, dress.girth * 0.35, dress.sleeves))
    if dress.bag:
        limbs.append((0.3, 0.75 * tall, 0.32, 0.55 * tall, 0.22, dress.trifle))
    limbs.append((0.0, 1.6 * tall, 0.0, 1.66 * tall, 0.2, dress.hair if away else dress.skin))
    limbs.append((0.0, 1.7 * tall, 0.0, 1.71 * tall, 0.19, dress.hair))
    return limbs


def _cyclist(dress: Dress, stride: float, away: bool) -> List[Limb]:
    pedal = 0.14 * np.sin(stride)
    limbs = [
        (0.0, 0.05, 0.0, 0.62, 0.07, (26, 26, 26)),
        (0.0, 0.3, 0.0, 0.62, 0.03, (110, 110, 112)),
        (-0.27, 1.0, 0.27, 1.0, 0.04, (50, 50, 52)),
    ]  # type: List[Limb]
    for side in (-1, 1):
        limbs.append((side * 0.1, 0.98, side * 0.15, 0.62 + side * pedal, 0.16, dress.trousers))
        limbs.append(
            (
                side * 0.15,
                0.62 + side * pedal,
                side * 0.11,
                0.25 + side * pedal,
                0.12,
                dress.trousers,
            )
        )
        limbs.append((side * 0.2, 1.45, side * 0.27, 1.03, 0.1, dress.sleeves))
    limbs.append((0.0, 1.42, 0.0, 1.02, 0.38, dress.vest))
    limbs.append((0.0, 1.66, 0.0, 1.72, 0.19, dress.hair if away else dress.skin))
    limbs.append((0.0, 1.77, 0.0, 1.78, 0.2, dress.trifle))
    return limbs
