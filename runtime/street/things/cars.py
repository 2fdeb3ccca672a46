"""Cars in the street: parked, ahead and oncoming, painted face by face with their light and shadow.

Knows how a car is seen and how traffic flows; does not know the shapes in detail.
"""

from typing import Dict, List, NamedTuple, Tuple

import numpy as np

from catseye.runtime.classes import NAMES
from catseye.runtime.street.painting.camera import Camera
from catseye.runtime.street.painting.canvas import Canvas, tinted
from catseye.runtime.street.painting.ground import Shadow
from catseye.runtime.street.painting.look import Look, through_air
from catseye.runtime.street.painting.noise import rng_of
from catseye.runtime.street.things.car_shapes import Shape, make_shape
from catseye.runtime.street.town.course import Course

_CAR = NAMES.index("Car")
_MODELS = 10
_PERIOD_M = 240.0  # moving things come round again after this distance
_BEHIND_M = 15.0


class CarAt(NamedTuple):
    """A car on the road."""

    u: float
    v: float
    model: int
    backwards: bool


class Cars:
    """The cars of one drive."""

    def __init__(self, seed: int, course: Course, look: Look) -> None:
        self._seed = seed
        self._course = course
        self._look = look
        self._shapes: Dict[int, Shape] = {}
        rng = rng_of(seed, 1002)
        oncoming = rng.poisson(rng.uniform(0.5, 5.0))
        self._oncoming = np.cumsum(rng.uniform(14, 60, oncoming))  # gaps between cars, metres
        self._speed = rng.uniform(8, 12)
        self._ahead = np.cumsum(rng.uniform(13, 45, rng.choice([0, 1, 1, 2, 3])))
        self._models = rng.randint(0, _MODELS, 40)

    def moving(self, time_s: float) -> List[CarAt]:
        """Traffic at that time, around the camera."""
        here, lane = self._course.progress(time_s), self._course.drive_side * self._course.lane_u
        cars = []
        for index, start in enumerate(self._oncoming):
            ahead = (
                start - (self._speed + self._course.speed) * time_s + _BEHIND_M
            ) % _PERIOD_M - _BEHIND_M
            cars.append(CarAt(-lane, here + float(ahead), int(self._models[index]), True))
        for index, start in enumerate(self._ahead):
            ahead = start + 2.5 * np.sin(0.23 * time_s + index)
            cars.append(CarAt(lane, here + float(ahead), int(self._models[20 + index]), False))
        return cars

    def shape(self, model: int) -> Shape:
        """The form of a model, built when first seen."""
        if model not in self._shapes:
            self._shapes[model] = make_shape(self._seed, model)
        return self._shapes[model]

    def _axes(self, car: CarAt) -> Tuple[np.ndarray, np.ndarray]:
        """The car's own right, up and forward axes in the world (3, 3), and its place (3,)."""
        heading = self._course.heading(car.v) + (np.pi if car.backwards else 0.0)
        right, ahead = (
            np.array([np.cos(heading), 0, -np.sin(heading)]),
            np.array([np.sin(heading), 0, np.cos(heading)]),
        )
        return np.stack([right, np.array([0, 1.0, 0]), ahead]), self._course.world(car.u, car.v)

    def footprint(self, car: CarAt) -> np.ndarray:
        """World corners (4, 3) of the ground that a car stands over."""
        shape, (axes, place) = self.shape(car.model), self._axes(car)
        x, z = shape.width_m / 2, shape.length_m / 2
        return place + np.array([[-x, 0, -z], [x, 0, -z], [x, 0, z], [-x, 0, z]]).dot(axes)

    def shadows(self, car: CarAt) -> List[Shadow]:
        """Contact shadow under the car, and in the sun the one it throws."""
        shape = self.shape(car.model)
        axes, place = self._axes(car)
        x, z = shape.width_m / 2, shape.length_m / 2
        corners = np.array([[-x, 0, -z], [x, 0, -z], [x, 0, z], [-x, 0, z]])
        under = Shadow(place + (corners * 1.02).dot(axes), 255)
        if self._look.kind != "sunny":
            return [Shadow(place + (corners * np.array([1.25, 1, 1.1])).dot(axes), 120), under]
        to_sun = self._look.to_sun
        throw = -np.array([to_sun[0], 0, to_sun[2]]) / to_sun[1] * shape.height_m * 0.85
        roof = place + (corners * np.array([0.8, 1, 0.7])).dot(axes) + throw
        base = place + corners.dot(axes)
        sides = [
            Shadow(np.array([base[i], base[i - 1], roof[i - 1], roof[i]]), 255) for i in range(4)
        ]
        return sides + [Shadow(roof, 255), under]

    def paint(self, canvas: Canvas, camera: Camera, car: CarAt, sunlit: float) -> None:
        """One car, its far faces hidden by its near ones."""
        axes, place = self._axes(car)
        depth = max(1.0, camera.depth(place[0], place[2]))
        shape = self.shape(car.model)
        faces = shape.faces
        facing = ((axes.dot(camera.position - place) - shape.firsts) * shape.normals).sum(
            axis=1
        ) > 0
        fine = camera.focal_px / depth > 9  # details narrower than a pixel are left out
        shown = [index for index in np.flatnonzero(facing) if fine or faces[index].outer]
        outlines = camera.outlines([place + faces[index].points.dot(axes) for index in shown])
        gains = self._gains(shape.normals.dot(axes), sunlit)
        for index, points in zip(shown, outlines):
            face = faces[index]
            gain = np.maximum(gains[index], face.glow * self._look.lamps * 1.1)
            canvas.polygon(
                points,
                tinted(face.colour, through_air(self._look, gain, depth)),
                _CAR if face.outer else None,
            )

    def _gains(self, normals: np.ndarray, sunlit: float) -> np.ndarray:
        """`light_on` for the normals (N, 3) of all faces at once, (N, 3) BGR; paint also mirrors
        the sky a little."""
        open_sky = 0.74 + 0.36 * normals[:, 1:2]
        facing_sun = np.maximum(0.0, normals.dot(self._look.to_sun))[:, None]
        return self._look.ambient * open_sky + self._look.sun * facing_sun * sunlit
