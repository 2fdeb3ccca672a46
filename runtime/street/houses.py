"""Houses as boxes: front, end wall, roof and chimneys, drawn from the far parts to the near ones.

Knows how one house of the plan is painted; does not know the order of houses in the street.
"""

from typing import List

import numpy as np

from catseye.runtime.classes import NAMES
from catseye.runtime.street.camera import Camera
from catseye.runtime.street.canvas import Canvas, Texture, Tint, tinted
from catseye.runtime.street.course import Course
from catseye.runtime.street.facades import Facade
from catseye.runtime.street.ground import Shadow
from catseye.runtime.street.look import Look, light_on, through_air
from catseye.runtime.street.noise import fractal, rng_of, to_image
from catseye.runtime.street.plan import House

_BUILDING = NAMES.index("Building")
_UP = np.array([0.0, 1.0, 0.0])


def make_tiles(seed: int) -> Texture:
    """Rows of roof tiles as a grey texture around 128, 6.4 m square, to be tinted with the colour of the roof."""
    rng = rng_of(seed, 551)
    tone = 128 + 9 * fractal(rng, (128, 128), (128, 40, 4), 0.8)
    tone[::5] -= 18
    return Texture(to_image(np.repeat(tone[:, :, None], 3, axis=2)), 20.0)


class Houses:
    """Draws houses of the plan with the fronts of this street."""

    def __init__(self, course: Course, look: Look, facades: List[Facade], tiles: Texture) -> None:
        self._course = course
        self._look = look
        self._facades = facades
        self._tiles = tiles

    def paint(self, canvas: Canvas, camera: Camera, house: House) -> None:
        """End wall, roof, front."""
        facade = self._facades[house.facade]
        near, far = self._course.world(house.side * house.u, np.array([house.v0, house.v1]))
        along = (far - near) / np.linalg.norm(far - near)
        outward = np.array([along[2], 0.0, -along[0]]) * house.side  # from the street into the house
        length = float(np.linalg.norm(far - near))
        distance = max(1.0, camera.depth(near[0], near[2]))
        if facade.roof == "pitch":
            self._roof(canvas, camera, facade, house, near, along, outward, length, distance)
        self._end_wall(canvas, camera, facade, house, near, outward, distance)
        self._front(canvas, camera, facade, house, near, along, outward, length, distance)

    def _tint(self, house: House, normal: np.ndarray, distance: float, sunlit: float = 0.8) -> Tint:
        return through_air(self._look, light_on(self._look, normal, sunlit) * house.tint, distance)

    def _front(self, canvas: Canvas, camera: Camera, facade: Facade, house: House, near: np.ndarray, along: np.ndarray,
               outward: np.ndarray, length: float, distance: float) -> None:
        top = facade.height_m
        outline = [[0, 0], [length, 0], [length, top], [0, top]]
        if facade.roof == "gable":
            outline.insert(3, [length / 2, top + facade.rise_m])
        canvas.plane(camera, facade.texture, near, np.stack([along, _UP]), np.array(outline, np.float64),
                     self._tint(house, -outward, distance + length / 2), _BUILDING)

    def _end_wall(self, canvas: Canvas, camera: Camera, facade: Facade, house: House, near: np.ndarray, outward: np.ndarray,
                  distance: float) -> None:
        depth, top = facade.depth_m, facade.height_m
        outline = [[0, 0], [depth, 0], [depth, top], [0, top]]
        if facade.roof == "pitch":
            outline.insert(3, [depth / 2, top + facade.rise_m])
        normal = np.cross(outward, _UP) * house.side
        if normal[2] > 0:
            normal = -normal
        canvas.plane(camera, facade.wall, near, np.stack([outward, _UP]), np.array(outline, np.float64),
                     self._tint(house, normal, distance), _BUILDING, repeat=True)

    def _roof(self, canvas: Canvas, camera: Camera, facade: Facade, house: House, near: np.ndarray, along: np.ndarray,
              outward: np.ndarray, length: float, distance: float) -> None:
        slope = outward * facade.depth_m / 2 + _UP * facade.rise_m
        span = float(np.linalg.norm(slope))
        eaves = near + _UP * facade.height_m - outward * 0.25
        normal = np.cross(along, slope / span) * house.side
        normal = normal if normal[1] > 0 else -normal
        self._chimneys(canvas, camera, facade, house, eaves + slope, along, length, distance)
        tint = self._tint(house, normal, distance + length / 2)
        coloured = Tint(tint.gain * facade.roof_bgr / 128.0, tint.offset)
        canvas.plane(camera, self._tiles, eaves, np.stack([along, slope / span]),
                     np.array([[0, 0], [length, 0], [length, span], [0, span]]), coloured, _BUILDING, repeat=True)

    def _chimneys(self, canvas: Canvas, camera: Camera, facade: Facade, house: House, ridge: np.ndarray, along: np.ndarray,
                  length: float, distance: float) -> None:
        brick = facade.wall.image[0, 0].astype(np.float64) * 0.8
        for index in range(facade.chimneys):
            foot = ridge + along * (length * (0.1 + 0.75 * index)) - _UP * 0.6
            for axis, width, normal in ((along, 0.9, np.array([-house.side, 0, 0.0])), (np.array([house.side, 0, 0.0]), 0.6, -along)):
                corners = np.array([foot, foot + axis * width, foot + axis * width + _UP * 1.7, foot + _UP * 1.7])
                canvas.polygon(camera.outline(corners), tinted(tuple(brick), self._tint(house, normal, distance)), _BUILDING)

    def shadows(self, house: House) -> List[Shadow]:
        """The shadow that the front's upper edge throws on the ground, towards the street or away from it."""
        facade, to_sun = self._facades[house.facade], self._look.to_sun
        near, far = self._course.world(house.side * house.u, np.array([house.v0, house.v1]))
        throw = -np.array([to_sun[0], 0, to_sun[2]]) / to_sun[1] * (facade.height_m + 0.4 * facade.rise_m)
        if throw[0] * house.side > 0:
            return []
        return [Shadow(np.array([near, far, far + throw, near + throw]), 255)]
