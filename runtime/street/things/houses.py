"""Houses as boxes: roof, chimneys, end wall and front, as panels from the far parts to the near
ones.

Knows how one house of the plan is built and lit; does not know the order of houses in the street.
"""

from typing import List

import numpy as np

from catseye.runtime.classes import NAMES
from catseye.runtime.street.painting.canvas import Texture
from catseye.runtime.street.painting.ground import Shadow
from catseye.runtime.street.painting.look import Look, light_on
from catseye.runtime.street.painting.noise import fractal, rng_of, to_image
from catseye.runtime.street.painting.panels import Panel, cross, make_panel
from catseye.runtime.street.things.facades import Facade
from catseye.runtime.street.town.course import Course
from catseye.runtime.street.town.places import House

_BUILDING = NAMES.index("Building")
_UP = np.array([0.0, 1.0, 0.0])


def make_tiles(seed: int) -> Texture:
    """Rows of roof tiles as a grey texture around 128, 6.4 m square, to be tinted with the colour
    of the roof."""
    rng = rng_of(seed, 551)
    tone = 128 + 14 * fractal(rng, (128, 128), (128, 40, 4), 0.8)
    tone[::5] -= 22
    return Texture(to_image(np.repeat(tone[:, :, None], 3, axis=2)), 20.0)


class _Corner:
    """Where a house stands: its near front corner and its directions."""

    def __init__(self, course: Course, house: House) -> None:
        self.near, self.far = course.world(house.side * house.u, np.array([house.v0, house.v1]))
        self.length = float(np.linalg.norm(self.far - self.near))
        self.along = (self.far - self.near) / self.length
        # from the street into the house
        self.outward = np.array([self.along[2], 0.0, -self.along[0]]) * house.side


class Houses:
    """Builds houses of the plan with the fronts of this street."""

    def __init__(self, course: Course, look: Look, facades: List[Facade], tiles: Texture) -> None:
        self._course = course
        self._look = look
        self._facades = facades
        self._tiles = tiles

    def panels(self, house: House) -> List[Panel]:
        """Roof, chimneys, end wall, front, in the order of painting."""
        facade, corner = self._facades[house.facade], _Corner(self._course, house)
        found: List[Panel] = []
        if facade.roof == "pitch":
            self._roof(found, facade, house, corner)
        self._end_wall(found, facade, house, corner)
        front, axes, length, top = (
            -corner.outward,
            np.stack([corner.along, _UP]),
            corner.length,
            facade.height_m,
        )
        light = self._light(house, front)
        if facade.roof == "gable":
            triangle = np.array(
                [[0, top - 0.1], [length, top - 0.1], [length / 2, top + facade.rise_m]]
            )
            found.append(
                make_panel(facade.wall, corner.near, axes, triangle, front, light, _BUILDING)
            )
        outline = np.array([[0, 0], [length, 0], [length, top], [0, top]])
        found.append(
            make_panel(facade.texture, corner.near, axes, outline, front, light, _BUILDING)
        )
        return found

    def _light(self, house: House, normal: np.ndarray) -> np.ndarray:
        return light_on(self._look, normal, 0.85) * house.tint

    def _end_wall(self, found: List[Panel], facade: Facade, house: House, corner: _Corner) -> None:
        """The wall that faces the oncoming camera, above the neighbour's shoulder."""
        depth, top, foot = facade.depth_m, facade.height_m, min(house.shoulder_m, facade.height_m)
        if foot == top and facade.roof != "pitch":
            return
        outline = [[0, foot], [depth, foot], [depth, top], [0, top]]
        if facade.roof == "pitch":
            outline.insert(3, [depth / 2, top + facade.rise_m])
        normal = -corner.along
        found.append(
            make_panel(
                facade.wall,
                corner.near,
                np.stack([corner.outward, _UP]),
                np.array(outline, np.float64),
                normal,
                self._light(house, normal),
                _BUILDING,
            )
        )

    def _roof(self, found: List[Panel], facade: Facade, house: House, corner: _Corner) -> None:
        slope = corner.outward * facade.depth_m / 2 + _UP * facade.rise_m
        span = float(np.linalg.norm(slope))
        eaves = corner.near + _UP * facade.height_m - corner.outward * 0.25
        normal = cross(corner.along, slope / span)
        normal = normal if normal[1] > 0 else -normal
        self._chimneys(found, facade, house, eaves + slope, corner)
        gain = self._light(house, normal) * facade.roof_bgr / 128.0
        outline = np.array([[0, 0], [corner.length, 0], [corner.length, span], [0, span]])
        found.append(
            make_panel(
                self._tiles,
                eaves,
                np.stack([corner.along, slope / span]),
                outline,
                normal,
                gain,
                _BUILDING,
            )
        )

    def _chimneys(
        self, found: List[Panel], facade: Facade, house: House, ridge: np.ndarray, corner: _Corner
    ) -> None:
        for index in range(facade.chimneys):
            foot = ridge + corner.along * (corner.length * (0.1 + 0.75 * index)) - _UP * 0.6
            for axis, width, normal in (
                (corner.along, 0.9, -corner.outward),
                (corner.outward, 0.6, -corner.along),
            ):
                outline = np.array([[0, 0], [width, 0], [width, 1.7], [0, 1.7]])
                found.append(
                    make_panel(
                        facade.wall,
                        foot,
                        np.stack([axis, _UP]),
                        outline,
                        normal,
                        0.85 * self._light(house, normal),
                        _BUILDING,
                    )
                )

    def shadows(self, house: House) -> List[Shadow]:
        """The shadow that the front's upper edge throws on the ground, if towards the street."""
        facade, to_sun, corner = (
            self._facades[house.facade],
            self._look.to_sun,
            _Corner(self._course, house),
        )
        throw = (
            -np.array([to_sun[0], 0, to_sun[2]])
            / to_sun[1]
            * (facade.height_m + 0.4 * facade.rise_m)
        )
        if throw.dot(corner.outward) > 0:
            return []
        return [
            Shadow(
                np.array([corner.near, corner.far, corner.far + throw, corner.near + throw]), 255
            )
        ]
