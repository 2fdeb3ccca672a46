"""People on foot and on bicycles, as jointed figures of capsules.

Knows how a figure moves and is painted; does not know who is where, save the walkers and riders it sends along.
"""

from typing import List, NamedTuple, Tuple

import numpy as np

from catseye.runtime.classes import NAMES
from catseye.runtime.street.camera import Camera
from catseye.runtime.street.canvas import Canvas, tinted
from catseye.runtime.street.course import Course
from catseye.runtime.street.look import Look, light_on, through_air
from catseye.runtime.street.noise import rng_of

_PEDESTRIAN, _BICYCLIST = NAMES.index("Pedestrian"), NAMES.index("Bicyclist")
_PERIOD_M = 150.0
_BEHIND_M = 4.0
_SIDEWAYS = np.array([0.0, 0.0, -1.0])
_TURN = np.linspace(0, np.pi, 6)

PersonAt = NamedTuple("PersonAt", [("u", float), ("v", float), ("variant", int), ("cycling", bool), ("stride", float), ("away", bool)])
Limb = Tuple[float, float, float, float, float, Tuple[float, float, float]]  # x0, y0, x1, y1, thickness, BGR


class People:
    """Walkers and riders of one drive."""

    def __init__(self, seed: int, course: Course, look: Look) -> None:
        rng = rng_of(seed, 1101)
        self._seed = seed
        self._course = course
        self._look = look
        self._walkers = [(rng.uniform(0, _PERIOD_M), rng.choice([-1, 1]), rng.uniform(0.5, course.pavement - 0.3), rng.uniform(-1.6, 1.6),
                          rng.randint(1000)) for _ in range(rng.randint(0, 10))]
        self._riders = [(rng.uniform(0, _PERIOD_M), rng.choice([-1, 1]), rng.uniform(4, 6.5), rng.randint(1000))
                        for _ in range(rng.poisson(0.9))]

    def moving(self, time_s: float) -> List[PersonAt]:
        """Those who walk and ride at that time, around the camera."""
        course, here = self._course, self._course.progress(time_s)
        people = []
        for start, side, inward, speed, variant in self._walkers:
            ahead = (start + (speed - course.speed) * time_s + _BEHIND_M) % _PERIOD_M - _BEHIND_M
            people.append(PersonAt(side * (course.half_width + inward), here + ahead, variant, False, time_s * 5.5 + variant, speed > 0))
        for start, side, speed, variant in self._riders:
            away = side * course.drive_side > 0
            ahead = (start + ((speed if away else -speed) - course.speed) * time_s + _BEHIND_M) % _PERIOD_M - _BEHIND_M
            inward = 2.7 if course.parking else 0.6
            people.append(PersonAt(side * (course.half_width - inward), here + ahead, variant, True, time_s * 7 + variant, away))
        return people

    def paint(self, canvas: Canvas, camera: Camera, person: PersonAt, sunlit: float) -> None:
        """One figure, facing the camera or turning its back."""
        foot = self._course.world(person.u, person.v)
        depth = camera.depth(foot[0], foot[2])
        rng = rng_of(self._seed, 1102, person.variant)
        limbs = _cyclist(rng, person.stride, person.away) if person.cycling else _walker(rng, person.stride, person.away)
        gain = light_on(self._look, _SIDEWAYS, 0.0) + self._look.sun * 0.5 * sunlit
        tint = through_air(self._look, gain, depth)
        pixel, scale = camera.pixels_from_camera(camera.camera_from_world(foot[None]))[0], camera.focal_px / depth
        for x0, y0, x1, y1, thickness, colour in limbs:
            points = pixel + scale * _capsule(x0, y0, x1, y1, max(thickness, 1.0 / scale)) * np.array([1, -1])
            canvas.polygon(points, tinted(colour, tint), _BICYCLIST if person.cycling else _PEDESTRIAN)


def _capsule(x0: float, y0: float, x1: float, y1: float, thickness: float) -> np.ndarray:
    """Outline (12, 2) of a thick line with round ends."""
    angle = np.arctan2(y1 - y0, x1 - x0)
    first = np.stack([np.cos(angle + np.pi / 2 + _TURN), np.sin(angle + np.pi / 2 + _TURN)], 1)
    return np.concatenate([np.array([x0, y0]) + first * thickness / 2, np.array([x1, y1]) - first * thickness / 2])


def _clothes(rng: np.random.RandomState) -> Tuple[Tuple[float, float, float], Tuple[float, float, float], Tuple[float, float, float], Tuple[float, float, float]]:
    """BGR of coat, trousers, skin and hair; winter coats are mostly dark."""
    coat = rng.uniform(20, 70, 3) if rng.rand() < 0.7 else rng.uniform(40, 200, 3)
    trousers = rng.uniform(22, 60) * np.array([1.25, 1.0, 0.9])
    skin = np.array([100, 125, 168]) * rng.uniform(0.45, 1.05)
    hair = np.array([30, 38, 48]) * rng.uniform(0.5, 2.0)
    return tuple(coat), tuple(trousers), tuple(skin), tuple(hair)  # type: ignore[return-value]


def _walker(rng: np.random.RandomState, stride: float, away: bool) -> List[Limb]:
    coat, trousers, skin, hair = _clothes(rng)
    tall, swing = rng.uniform(0.9, 1.06), 0.13 * np.sin(stride)
    darker = tuple(0.75 * level for level in coat)
    limbs = []  # type: List[Limb]
    for side in (-1, 1):
        knee, foot = side * (0.08 + 0.3 * swing), side * 0.07 + 1.2 * side * swing
        lift = max(0.0, side * swing) * 0.9
        limbs.append((side * 0.08, 0.85 * tall, knee, 0.47 + lift * 0.3, 0.17, trousers))
        limbs.append((knee, 0.47 + lift * 0.3, foot, 0.08 + lift, 0.13, trousers))
        limbs.append((foot, 0.05 + lift, foot + 0.06 * side, 0.04 + lift, 0.1, (24, 24, 26)))
    for side in (-1, 1):
        limbs.append((side * 0.22, 1.38 * tall, side * (0.27 - swing), 0.85 * tall, 0.11, darker))  # type: ignore[arg-type]
    limbs.append((0.0, 1.33 * tall, 0.0, 0.88 * tall, 0.42 * rng.uniform(0.9, 1.1), coat))
    if rng.rand() < 0.35:
        limbs.append((0.3, 0.75 * tall, 0.32, 0.55 * tall, 0.22, tuple(rng.uniform(20, 160, 3))))  # type: ignore[arg-type]
    limbs.append((0.0, 1.6 * tall, 0.0, 1.66 * tall, 0.2, hair if away else skin))
    limbs.append((0.0, 1.7 * tall, 0.0, 1.71 * tall, 0.19, hair))
    return limbs


def _cyclist(rng: np.random.RandomState, stride: float, away: bool) -> List[Limb]:
    coat, trousers, skin, hair = _clothes(rng)
    if rng.rand() < 0.3:
        coat = (60.0, 225.0, 205.0)  # a reflecting vest
    pedal = 0.14 * np.sin(stride)
    limbs = [(0.0, 0.05, 0.0, 0.62, 0.07, (26, 26, 26)), (0.0, 0.3, 0.0, 0.62, 0.03, (110, 110, 112)),
             (-0.27, 1.0, 0.27, 1.0, 0.04, (50, 50, 52))]  # type: List[Limb]
    for side in (-1, 1):
        limbs.append((side * 0.1, 0.98, side * 0.15, 0.62 + side * pedal, 0.16, trousers))
        limbs.append((side * 0.15, 0.62 + side * pedal, side * 0.11, 0.25 + side * pedal, 0.12, trousers))
        limbs.append((side * 0.2, 1.45, side * 0.27, 1.03, 0.1, coat))
    limbs.append((0.0, 1.42, 0.0, 1.02, 0.38, coat))
    limbs.append((0.0, 1.66, 0.0, 1.72, 0.19, hair if away else skin))
    limbs.append((0.0, 1.77, 0.0, 1.78, 0.2, tuple(rng.uniform(20, 200, 3))))  # type: ignore[arg-type]
    return limbs
