"""What is in sight: blocks of the plan turned into outlines on the ground and things that stand, in
painting order.

Knows which things there are, where, and who paints them; does not know how.
"""

from typing import Callable, Dict, List, NamedTuple, Tuple

import numpy as np

from catseye.runtime.street.painting.camera import Camera
from catseye.runtime.street.painting.canvas import Canvas
from catseye.runtime.street.painting.ground import Shadow
from catseye.runtime.street.painting.look import Look, through_air
from catseye.runtime.street.painting.panels import Panel, paint_panels
from catseye.runtime.street.things.cars import CarAt, Cars
from catseye.runtime.street.things.furniture import Furniture
from catseye.runtime.street.things.houses import Houses
from catseye.runtime.street.things.people import People, PersonAt
from catseye.runtime.street.things.plants import Plants
from catseye.runtime.street.town.course import Course
from catseye.runtime.street.town.markings import Markings, Outlines
from catseye.runtime.street.town.places import Block, Plant, Post

SIGHT_M = 150.0
PERSON_M = 0.4

# the last is the share of sun, 0-1, that reaches its foot
Paint = Callable[[Canvas, Camera, float], None]


class Thing(NamedTuple):
    """Something that stands in the street."""

    place: np.ndarray  # world point (3,) of its far end: what is nearer is painted later
    reach_m: float  # how far it extends from there
    nearest_m: float  # least depth of its place at which it is painted
    paint: Paint


class View(NamedTuple):
    """Everything that never moves in one block."""

    v: float
    outlines: Outlines
    shadows: List[Shadow]
    things: List[Thing]


class Scene:
    """The things of one drive, block by block."""

    def __init__(self, seed: int, course: Course, look: Look, houses: Houses) -> None:
        self._course = course
        self._look = look
        self._sunny = look.kind == "sunny"
        self._markings, self._houses = Markings(seed, course), houses
        self._plants, self._furniture = Plants(seed, look), Furniture(seed, course, look)
        self._cars, self._people = Cars(seed, course, look), People(seed, course, look)
        self._views: Dict[Tuple[float, int], View] = {}

    def standing(self, block: Block) -> View:
        """What never moves in one block, worked out when first seen."""
        key = (block.v, block.side)
        if key not in self._views:
            if len(self._views) > 64:
                self._views.clear()
            self._views[key] = View(
                block.v,
                self._markings.of_block(block),
                self._shadows(block),
                self._built(block) + self._kerbside(block),
            )
        return self._views[key]

    def footprints(self, blocks: List[Block], time_s: float) -> List[np.ndarray]:
        """World outlines (N, 3) of what stands and moves in these blocks at that time: cars, and
        people as squares."""
        cars = self._cars.moving(time_s) + [
            CarAt(*parked) for block in blocks for parked in block.parked
        ]
        square = np.array([[-1, 0, -1], [1, 0, -1], [1, 0, 1], [-1, 0, 1]]) * PERSON_M / 2
        people = [self._course.world(one.u, one.v) + square for one in self._people.moving(time_s)]
        return [self._cars.footprint(car) for car in cars] + people

    def moving(self, time_s: float, v: float) -> Tuple[List[Shadow], List[Thing]]:
        """Traffic and people at that time, around a camera at v."""
        cars = [car for car in self._cars.moving(time_s) if v - 3 < car.v < v + SIGHT_M]
        shadows = [shadow for car in cars for shadow in self._cars.shadows(car)]
        return shadows, [self._car(car) for car in cars] + [
            self._person(person) for person in self._people.moving(time_s)
        ]

    def _shadows(self, block: Block) -> List[Shadow]:
        found = [shadow for parked in block.parked for shadow in self._cars.shadows(CarAt(*parked))]
        if self._sunny:
            found += [shadow for house in block.houses for shadow in self._houses.shadows(house)]
            found += [
                shadow
                for plant in block.plants
                for shadow in self._plants.shadows(plant, self._course.world(plant.u, plant.v))
            ]
        return found

    def _built(self, block: Block) -> List[Thing]:
        things = []
        for house in block.houses:
            place = self._course.world(house.side * house.u, house.v1)
            things.append(
                Thing(
                    place,
                    house.v1 - house.v0 + 9,
                    1.0,
                    self._panels(place, self._houses.panels(house)),
                )
            )
        for barrier in block.barriers:
            place = self._course.world(barrier.side * barrier.u, barrier.v1)
            things.append(
                Thing(
                    place,
                    barrier.v1 - barrier.v0,
                    1.0,
                    self._panels(place, self._furniture.panels(barrier)),
                )
            )
        return things

    def _panels(self, place: np.ndarray, panels: List[Panel]) -> Paint:
        def paint(canvas: Canvas, camera: Camera, sunlit: float) -> None:
            paint_panels(
                canvas,
                camera,
                panels,
                through_air(self._look, np.ones(3), 0.8 * camera.depth(place[0], place[2])),
            )

        return paint

    def _kerbside(self, block: Block) -> List[Thing]:
        things = [self._car(CarAt(*parked)) for parked in block.parked]
        things += [self._plant(plant) for plant in block.plants]
        things += [self._post(post) for post in block.posts]
        things += [
            self._person(
                PersonAt(
                    u=one.u,
                    v=one.v,
                    variant=one.variant,
                    cycling=False,
                    stride=one.variant,
                    away=one.variant % 2 == 0,
                )
            )
            for one in block.standers
        ]
        return things

    def _plant(self, plant: Plant) -> Thing:
        foot = self._course.world(plant.u, plant.v)
        return Thing(
            foot,
            plant.height_m / 2,
            1.5,
            lambda canvas, camera, sunlit: self._plants.paint(canvas, camera, plant, foot, sunlit),
        )

    def _post(self, post: Post) -> Thing:
        foot = self._course.world(post.u, post.v)
        return Thing(
            foot,
            3.0,
            1.5,
            lambda canvas, camera, sunlit: self._furniture.post(canvas, camera, post, foot, sunlit),
        )

    def _car(self, car: CarAt) -> Thing:
        return Thing(
            self._course.world(car.u, car.v),
            6.0,
            -2.5,
            lambda canvas, camera, sun: self._cars.paint(canvas, camera, car, sun),
        )

    def _person(self, person: PersonAt) -> Thing:
        return Thing(
            self._course.world(person.u, person.v),
            1.0,
            1.2,
            lambda canvas, camera, sun: self._people.paint(canvas, camera, person, sun),
        )


def paint_all(canvas: Canvas, camera: Camera, things: List[Thing]) -> None:
    """Paint what is in sight from far to near, each thing with the share of sun, 0-1, that reaches
    its foot."""
    points = camera.camera_from_world(np.array([thing.place for thing in things]).reshape(-1, 3))
    reach, nearest = (
        np.array([getattr(thing, name) for thing in things]) for name in ("reach_m", "nearest_m")
    )
    depth = points[:, 2]
    spread = camera.size_wh[0] / (2 * camera.focal_px)
    beside = np.abs(points[:, 0]) - reach * (1 + spread) < np.maximum(depth, 0) * spread
    seen = np.flatnonzero((depth > nearest) & (depth < SIGHT_M) & beside)
    sunlit = _sunlit(canvas, camera, points)
    for index in seen[np.argsort(-depth[seen], kind="mergesort")]:
        things[index].paint(canvas, camera, float(sunlit[index]))


def _sunlit(canvas: Canvas, camera: Camera, points: np.ndarray) -> np.ndarray:
    """Share of the sun at camera-space ground points (N, 3), read off the painted ground; those out
    of the picture get the value at its nearest border."""
    ahead = np.maximum(points, (-np.inf, -np.inf, 1.0))
    pixels = np.rint(camera.pixels_from_camera(ahead)).astype(int)
    columns = np.clip(pixels[:, 0], 0, camera.size_wh[0] - 1)
    rows = np.clip(pixels[:, 1], 0, camera.size_wh[1] - 1)
    return canvas.sunlit[rows, columns] / 255.0
