"""The synthetic drive: a street that never was, filmed from a moving car, with an exact mask for every frame.

`Street(seed, size_wh).render(time_s)` is a pure function of its arguments. This page holds the order of painting, far to
near; it does not know how anything is painted. Classes are those of `catseye.runtime.classes`.
"""

from typing import Callable, List, Tuple

import numpy as np

from catseye.runtime.street.camera import Camera
from catseye.runtime.street.canvas import Canvas
from catseye.runtime.street.cars import CarAt, Cars
from catseye.runtime.street.course import Course, Ride
from catseye.runtime.street.facades import make_facades
from catseye.runtime.street.furniture import Furniture
from catseye.runtime.street.ground import Ground, Shadow
from catseye.runtime.street.houses import Houses, make_tiles
from catseye.runtime.street.look import make_look
from catseye.runtime.street.markings import Markings
from catseye.runtime.street.people import People, PersonAt
from catseye.runtime.street.plan import Block, Plan
from catseye.runtime.street.plants import Plants
from catseye.runtime.street.sensor import Sensor
from catseye.runtime.street.sky import Sky

__all__ = ["Street"]

SIGHT_M = 170.0
_FACADES = 9

Drawing = Tuple[float, Callable[[], None]]  # depth of the far end, and what paints it


class Street:
    """An endless street drawn from `seed`, filmed at size_wh (width, height)."""

    def __init__(self, seed: int = 0, size_wh: Tuple[int, int] = (640, 360)) -> None:
        self.size_wh = (int(size_wh[0]), int(size_wh[1]))
        look, course = make_look(seed), Course(seed)
        facades = make_facades(seed, _FACADES, look.lamps)
        self._look, self._course = look, course
        self._ride = Ride(seed, course, self.size_wh)
        self._plan = Plan(seed, course, [facade.width_m for facade in facades])
        self._sky = Sky(seed, look, self._ride.focal_px, self.size_wh)
        self._markings, self._ground = Markings(seed, course), Ground(seed, course, look)
        self._houses = Houses(course, look, facades, make_tiles(seed))
        self._plants, self._furniture = Plants(seed, look), Furniture(seed, course, look)
        self._cars, self._people = Cars(seed, course, look), People(seed, course, look)
        self._sensor = Sensor(seed, look, self.size_wh)

    def render(self, time_s: float) -> Tuple[np.ndarray, np.ndarray]:
        """The frame at that time: image (H, W, 3) uint8 BGR and mask (H, W) uint8 class ids 0-10."""
        camera, v = self._ride.camera(time_s), self._course.progress(time_s)
        blocks = self._plan.blocks(v, v + SIGHT_M)
        cars = self._cars.moving(time_s) + [CarAt(*parked) for block in blocks for parked in block.parked]
        cars = [car for car in cars if v - 3 < car.v < v + SIGHT_M]
        canvas = Canvas(self.size_wh)
        self._sky.paint(canvas, camera, 0.0)
        self._ground.paint(canvas, camera, self._markings.patches(blocks, v), self._markings.marks(blocks, v),
                           self._shadows(blocks, cars))
        things = self._standing(canvas, camera, blocks) + self._moving(canvas, camera, cars, self._people.moving(time_s))
        for _, paint in sorted(things, key=lambda thing: -thing[0]):
            paint()
        return self._sensor.expose(canvas.image, time_s), canvas.mask

    def _shadows(self, blocks: List[Block], cars: List[CarAt]) -> List[Shadow]:
        found = [shadow for car in cars for shadow in self._cars.shadows(car)]
        if self._look.kind == "sunny":
            found += [shadow for block in blocks for house in block.houses for shadow in self._houses.shadows(house)]
        return found

    def _sunlit(self, canvas: Canvas, camera: Camera, foot: np.ndarray) -> float:
        """Share of the sun, 0-1, that reaches the ground at a world point."""
        x, y = camera.pixels_from_camera(camera.camera_from_world(foot[None]))[0]
        column, row = int(np.clip(x, 0, self.size_wh[0] - 1)), int(np.clip(y + 2, 0, self.size_wh[1] - 1))
        return float(canvas.sunlit[row, column]) / 255.0

    def _standing(self, canvas: Canvas, camera: Camera, blocks: List[Block]) -> List[Drawing]:
        """What the plan holds, each with the depth at which it is painted."""
        things = []  # type: List[Drawing]
        for block in blocks:
            for house in block.houses:
                self._add(things, camera, house.side * house.u, house.v1, lambda h=house: self._houses.paint(canvas, camera, h), 3)
            for barrier in block.barriers:
                self._add(things, camera, barrier.side * barrier.u, barrier.v1, lambda b=barrier: self._furniture.barrier(canvas, camera, b), 0)
            for plant in block.plants:
                foot = self._course.world(plant.u, plant.v)
                self._add(things, camera, plant.u, plant.v, lambda p=plant, f=foot: self._plants.paint(canvas, camera, p, f, 0.8))
            for post in block.posts:
                self._add(things, camera, post.u, post.v, lambda p=post: self._furniture.post(canvas, camera, p))
            people = [PersonAt(one.u, one.v, one.variant, False, one.variant, one.variant % 2 == 0) for one in block.standers]
            for person in people:
                self._add(things, camera, person.u, person.v, lambda p=person: self._people.paint(canvas, camera, p, 0.7))
        return things

    def _moving(self, canvas: Canvas, camera: Camera, cars: List[CarAt], people: List[PersonAt]) -> List[Drawing]:
        things = []  # type: List[Drawing]
        for car in cars:
            lit = self._sunlit(canvas, camera, self._course.world(car.u, car.v))
            self._add(things, camera, car.u, car.v, lambda c=car, s=lit: self._cars.paint(canvas, camera, c, s), -2.5)
        for person in people:
            self._add(things, camera, person.u, person.v, lambda p=person: self._people.paint(canvas, camera, p, 0.7))
        return things

    def _add(self, things: List[Drawing], camera: Camera, u: float, v: float, paint: Callable[[], None], nearest_m: float = 1.2) -> None:
        """Note a thing whose far end is at (u, v), unless it is behind the camera or out of sight."""
        place = self._course.world(u, v)
        depth = camera.depth(place[0], place[2])
        if nearest_m < depth < SIGHT_M:
            things.append((depth, paint))
